using System.Diagnostics;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace ServerSession.Tests;

/// <summary>An application with HttpContext.Session that is a client of a silo, while that silo is frozen and after it was killed.</summary>
public sealed class SiloOutageTests
{
    private const int Rounds = 3;

    /// <summary>What does not use its session, with the answer that it gives.</summary>
    private static readonly (string Path, HttpStatusCode Status)[] Untouching =
        [("/site.css", HttpStatusCode.OK), ("/missing", HttpStatusCode.NotFound), ("/health/live", HttpStatusCode.OK), ("/untouched", HttpStatusCode.OK)];

    [Fact]
    public async Task Request_that_does_not_use_its_session_is_answered_while_those_that_do_wait_for_a_silo_that_is_frozen_or_dead()
    {
        using var folder = new TempFolder();
        await File.WriteAllTextAsync(folder["site.css"], "body { }", TestContext.Current.CancellationToken);
        var site = new WebHostSite(folder.Path);
        await using var silo = await HostProcess.StartAsync("Silo", folder.Path, site.Arguments);
        await using var app = await StartAsync(site.GatewayPort, folder.Path);
        using var client = new HttpClient(new SocketsHttpHandler { UseCookies = true })
        {
            BaseAddress = new Uri(app.Services.GetRequiredService<IServer>().Features.GetRequiredFeature<IServerAddressesFeature>().Addresses.Single()),
        };
        await UntilOkAsync(client, "/write");
        Assert.Equal("one", await client.GetStringAsync(new Uri("/read", UriKind.Relative), TestContext.Current.CancellationToken));

        silo.Pause();
        await AnswersWhileOneWaitsAsync(client, "frozen", silo.Resume);
        await UntilOkAsync(client, "/read");

        await silo.KillAsync();
        await AnswersWhileOneWaitsAsync(client, "killed", static () => { });
    }

    /// <summary>The request that uses its session is sent first and is still without an answer when all others have theirs.</summary>
    private static async Task AnswersWhileOneWaitsAsync(HttpClient client, string what, Action afterwards)
    {
        var began = Stopwatch.GetTimestamp();
        var waiting = client.GetAsync(new Uri("/read", UriKind.Relative), TestContext.Current.CancellationToken);
        var slowest = TimeSpan.Zero;
        for (var round = 0; round < Rounds; round++)
        {
            var sent = Stopwatch.GetTimestamp();
            var answers = await Task.WhenAll(Untouching.Select(request => client.GetAsync(new Uri(request.Path, UriKind.Relative), TestContext.Current.CancellationToken)));
            Assert.Equal(Untouching.Select(static request => request.Status), answers.Select(static answer => answer.StatusCode));
            slowest = Stopwatch.GetElapsedTime(sent) is var took && took > slowest ? took : slowest;
        }

        Assert.False(waiting.IsCompleted, $"With a {what} silo the request that uses its session was answered {(waiting.IsCompletedSuccessfully ? waiting.Result.StatusCode : null)} before those that do not use theirs.");
        afterwards();
        var status = (await waiting).StatusCode;
        Assert.True(status == HttpStatusCode.ServiceUnavailable || (status == HttpStatusCode.OK && what == "frozen"), $"It was answered {(int)status}.");
        Console.WriteLine($"{what} silo: what does not use its session was answered in {slowest.TotalMilliseconds:0} ms at most; what does was answered {(int)status} after {Stopwatch.GetElapsedTime(began).TotalSeconds:0.0} s");
    }

    private static async Task UntilOkAsync(HttpClient client, string path)
    {
        await Eventually.HoldsAsync(
            async () =>
            {
                using var answer = await client.GetAsync(new Uri(path, UriKind.Relative), TestContext.Current.CancellationToken);
                Assert.True(answer.StatusCode is HttpStatusCode.OK or HttpStatusCode.ServiceUnavailable, $"{path} was answered {(int)answer.StatusCode}.");
                return answer.StatusCode == HttpStatusCode.OK;
            },
            () => $"{path} was answered 200");
    }

    private static async Task<WebApplication> StartAsync(int gatewayPort, string webRoot)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { EnvironmentName = Environments.Development, WebRootPath = webRoot, Args = ["--urls", "http://127.0.0.1:0"] });
        builder.Logging.ClearProviders();
        builder.UseOrleansClient(client => client.UseStaticClustering(new IPEndPoint(IPAddress.Loopback, gatewayPort)));

        // Long, so that only what really waits for the session is behind it, however busy the machine is.
        builder.Services.AddServerSession(static options => options.RetryBudget = TimeSpan.FromSeconds(12)).AddAspNetCoreSession();
        var app = builder.Build();
        app.UseServerSession();
        app.UseStaticFiles();
        app.MapGet("/health/live", static () => "healthy");
        app.MapGet("/untouched", static () => "ok");
        app.MapGet("/write", static (HttpContext context) => context.Session.SetString("name", "one"));
        app.MapGet("/read", static (HttpContext context) => context.Session.GetString("name") ?? "none");
        await app.StartAsync(TestContext.Current.CancellationToken);
        return app;
    }
}
