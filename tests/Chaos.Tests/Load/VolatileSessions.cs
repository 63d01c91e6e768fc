using System.Globalization;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using ServerSession.Hosting;
using ServerSession.LocalCluster;

namespace ServerSession.Tests;

/// <summary>
/// Makes volatile sessions on a cluster whose WebHosts make durable ones: through a frontend of its own, a client of the cluster as they are. A session keeps
/// the durability with which it was made, whichever frontend changes it.
/// </summary>
internal static class VolatileSessions
{
    private const string Header = "Session-Token";
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    /// <param name="cluster">The cluster; the settings of its first WebHost are this frontend's.</param>
    /// <param name="count">How many.</param>
    /// <param name="key">The key that each has.</param>
    /// <param name="value">The value of the key.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    /// <returns>The tokens, without the name of a cookie.</returns>
    public static async Task<IReadOnlyList<string>> CreateAsync(ProcessCluster cluster, int count, string key, string value, CancellationToken cancellationToken)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { EnvironmentName = "Development" });
        builder.Configuration.AddJsonFile(Path.Combine(cluster.Directory, cluster.Member(MemberRole.WebHost, 1).Name, "appsettings.json"));
        builder.Logging.ClearProviders();
        builder.WebHost.UseTestServer();
        builder.AddSessionClient();
        builder.Services.AddServerSession(static options =>
        {
            options.Header = Header;
            options.Durability = SessionDurability.Volatile;
        }).UseSerializer<PlainSessionSerializer>();
        await using var app = builder.Build();
        app.UseServerSession();
        app.MapPut("/", (IServerSession session) => session.Set(key, value));
        await app.StartAsync(cancellationToken);
        using var client = app.GetTestClient();
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(Eventually.Patience);
        var tokens = new List<string>();
        while (tokens.Count < count)
        {
            using var request = new HttpRequestMessage(HttpMethod.Put, "/");
            request.Headers.Add(Header, "none yet");
            using var answer = await client.SendAsync(request, patience.Token);
            if (answer.StatusCode == HttpStatusCode.OK)
            {
                tokens.Add(answer.Headers.GetValues(Header).Single());
            }
            else
            {
                await Task.Delay(Pause, patience.Token);
            }
        }

        await app.StopAsync(cancellationToken);
        return tokens;
    }
}
