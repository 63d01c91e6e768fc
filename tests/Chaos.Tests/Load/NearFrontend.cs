using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using ServerSession.Hosting;
using ServerSession.LocalCluster;

namespace ServerSession.Tests;

/// <summary>A frontend in this process, a client of the cluster as its WebHosts are, with an endpoint whose session may be two seconds old.</summary>
internal sealed class NearFrontend : IAsyncDisposable
{
    public static readonly TimeSpan MaxStaleness = TimeSpan.FromSeconds(2);

    private const string Header = "Session-Token";

    private readonly WebApplication _app;
    private readonly HttpClient _client;

    private NearFrontend(WebApplication app)
    {
        _app = app;
        _client = app.GetTestClient();
        _client.Timeout = TimeSpan.FromSeconds(60);
    }

    /// <param name="cluster">The cluster; the settings of its first WebHost are this frontend's.</param>
    /// <param name="key">The key that the endpoint reads.</param>
    /// <param name="cancellationToken">Ends the start.</param>
    public static async Task<NearFrontend> StartAsync(ProcessCluster cluster, string key, CancellationToken cancellationToken)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { EnvironmentName = "Development" });
        builder.Configuration.AddJsonFile(Path.Combine(cluster.Directory, cluster.Member(MemberRole.WebHost, 1).Name, "appsettings.json"));
        builder.Logging.ClearProviders();
        builder.WebHost.UseTestServer();
        builder.AddSessionClient();
        builder.Services.AddServerSession(static options => options.Header = Header).UseSerializer<PlainSessionSerializer>();
        var app = builder.Build();
        app.UseServerSession();
        app.MapGet("/", async (IServerSession session) => await session.GetAsync<string>(key) is { } text ? Results.Text(text) : Results.NotFound())
            .WithSessionMaxStaleness(MaxStaleness);
        await app.StartAsync(cancellationToken);
        return new NearFrontend(app);
    }

    /// <summary>Reads the key; no status where the cluster cannot be reached.</summary>
    public async Task<Answer> ReadAsync(string token)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/");
        request.Headers.Add(Header, token);
        using var response = await _client.SendAsync(request);
        return new(response.StatusCode, await response.Content.ReadAsStringAsync(), null);
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _app.StopAsync();
        await _app.DisposeAsync();
    }
}
