using System.Net;

namespace ServerSession.Tests.Secrecy;

/// <summary>Nothing else runs beside these tests: they hear the whole process.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class AloneCollection
{
    public const string Name = "alone";
}

/// <summary>The token is a secret: the token appears in Set-Cookie, or the configured header, and nowhere else, whatever happens.</summary>
[Collection(AloneCollection.Name)]
public class TokenSecrecyTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    [Fact]
    public async Task Flows_at_trace_level_leave_no_token_or_verifier_in_logs_bodies_telemetry_exceptions_or_files()
    {
        using var evidence = new Evidence();
        using var telemetry = new TelemetryRecorder(evidence);
        await using var host = await SecrecyHost.StartAsync(evidence);
        using var client = new SecrecyClient(host.Address, evidence, SecrecyHost.TokenHeader);

        await client.SendAsync("PUT", "/short");
        await UseAsync(client);
        await HeadersAsync(client);
        await FrameworkAsync(client);
        await RefusalsAsync(client);
        await InvalidTokensAsync(client);
        await host.Events.StaleToken.WaitAsync(Patience);
        await host.Events.Expired.WaitAsync(Patience);
        await FailuresAsync(client, host);
        telemetry.Observe();
        host.KeepFiles(evidence);
        await host.StopAsync(evidence);

        string[] channels =
        [
            LogRecorder.Message, LogRecorder.Parameters, LogRecorder.Scope, LogRecorder.Error, Evidence.ExceptionChannel, "body", "header",
            TelemetryRecorder.MetricChannel, TelemetryRecorder.ActivityChannel, "file sessions.db", "file sessions.db-wal", "file sessions.db-shm",
        ];
        Assert.Subset(evidence.Channels.ToHashSet(), channels.ToHashSet());
        Assert.True(client.Tokens.Count > 12, $"{client.Tokens.Count} tokens");
        Assert.Empty(evidence.Find(new SecretSearch(client.Tokens)));
    }

    [Fact]
    public async Task Token_given_away_is_found_on_every_channel()
    {
        using var evidence = new Evidence();
        using var telemetry = new TelemetryRecorder(evidence);
        await using var host = await SecrecyHost.StartAsync(evidence);
        using var client = new SecrecyClient(host.Address, evidence, SecrecyHost.TokenHeader);
        var tokens = new Dictionary<string, string>();
        foreach (var (way, _) in LeakRoutes.All)
        {
            tokens[way] = (await client.SendAsync("PUT", "/write/x"))!;
            await client.SendAsync("GET", $"/leak/{Uri.EscapeDataString(way)}", tokens[way]);
        }

        host.KeepFiles(evidence);
        await host.StopAsync(evidence);

        foreach (var (way, channel) in LeakRoutes.All)
        {
            var found = evidence.ChannelsWith(new SecretSearch(tokens[way]));
            Assert.True(found.Contains(channel), $"{way}: found on [{string.Join(", ", found)}], not on {channel}");
        }
    }

    private static async Task UseAsync(SecrecyClient client)
    {
        var first = await client.SendAsync("PUT", "/write/one");
        await client.SendAsync("GET", "/read", first);
        await client.SendAsync("GET", "/read-on-use", first);
        await client.SendAsync("GET", "/describe", first);
        await client.SendAsync("POST", "/increment", first);
        await client.SendAsync("PUT", "/write/two", HttpStatusCode.ServiceUnavailable, ("Sec-Purpose", "prefetch"));
        var second = await client.SendAsync("POST", "/rotate", first);
        Assert.NotEqual(first, second);
        await client.SendAsync("GET", "/read", first);
        await client.SendAsync("GET", "/read", second);
        var third = await client.SendAsync("POST", "/rotate", second);
        await client.SendAsync("GET", "/read-on-use", second);
        await client.SendAsync("PUT", "/write/two", third);
        await client.SendAsync("POST", "/destroy", third);
        await client.SendAsync("GET", "/read", third);
    }

    private static async Task HeadersAsync(SecrecyClient client)
    {
        var first = await WithHeader("PUT", "/write/one", "new");
        await WithHeader("GET", "/describe", first!);
        var second = await WithHeader("POST", "/rotate", first!);
        await WithHeader("GET", "/read", first!);
        await WithHeader("GET", "/read", second!);
        await WithHeader("GET", "/read", $"{second},{second}");
        await WithHeader("POST", "/destroy", second!);

        Task<string?> WithHeader(string method, string path, string token) =>
            client.SendAsync(method, path, HttpStatusCode.OK, (SecrecyHost.TokenHeader, token));
    }

    private static async Task FrameworkAsync(SecrecyClient client)
    {
        var token = await client.SendAsync("GET", "/framework");
        await client.SendAsync("GET", "/framework", token);
        var temp = await client.SendAsync("GET", "/temp/write", null, HttpStatusCode.Found);
        await client.SendAsync("GET", "/temp/read", temp);
        await client.SendAsync("POST", "/rotate", temp);
        await client.SendAsync("GET", "/temp/write", temp, HttpStatusCode.Found);
    }

    private static async Task RefusalsAsync(SecrecyClient client)
    {
        var token = await client.SendAsync("PUT", "/write/text");
        await client.SendAsync("PUT", "/too-large", token, HttpStatusCode.RequestEntityTooLarge);
        await client.SendAsync("POST", "/mismatch", token, HttpStatusCode.UnprocessableEntity);
        await client.SendAsync("GET", "/wrong-type", token, HttpStatusCode.InternalServerError);
        await client.SendAsync("PUT", "/fail", token, HttpStatusCode.InternalServerError);
        await client.SendAsync("PUT", "/too-late", token);
        await client.SendAsync("GET", "/nowhere", token, HttpStatusCode.NotFound);
        await client.SendAsync("PUT", "/gone", token, HttpStatusCode.Conflict);
        await client.SendAsync("GET", "/read", token);
    }

    /// <summary>Texts that hold a true secret and are no token all the same.</summary>
    private static async Task InvalidTokensAsync(SecrecyClient client)
    {
        var token = await client.SendAsync("PUT", "/write/text");
        var other = await client.SendAsync("PUT", "/write/text");
        foreach (var text in new[]
        {
            token![..^1], token + "A", $"\"{token}\"", Uri.HexEscape(token[0]) + token[1..], $"B{token[1..]}", token[..^1] + (token[^1] == 'A' ? 'B' : 'A'),
            $"{token}; __Host-session={other}", string.Join("; __Host-session=", Enumerable.Repeat(token, 9)), new string('x', 6000) + token,
        })
        {
            await client.SendAsync("GET", "/read", text);
            await client.SendAsync("POST", "/rotate", text);
            await client.SendAsync("GET", "/read", HttpStatusCode.OK, (SecrecyHost.TokenHeader, text));
        }
    }

    private static async Task FailuresAsync(SecrecyClient client, SecrecyHost host)
    {
        var token = await client.SendAsync("PUT", "/write/text");
        var temp = await client.SendAsync("GET", "/temp/write", null, HttpStatusCode.Found);
        using (host.BreakStore())
        {
            await client.SendAsync("PUT", "/write/fails", token, HttpStatusCode.ServiceUnavailable);
            await client.SendAsync("GET", "/read", token, HttpStatusCode.ServiceUnavailable);
            await client.SendAsync("PUT", "/write/fails", null, HttpStatusCode.ServiceUnavailable);
            await client.SendAsync("PUT", "/write/fails", HttpStatusCode.ServiceUnavailable, (SecrecyHost.TokenHeader, "new"));
            await client.SendAsync("GET", "/temp/read", temp, HttpStatusCode.ServiceUnavailable);
            await client.SendAsync("POST", "/rotate", temp, HttpStatusCode.ServiceUnavailable);
            await client.SendAsync("POST", "/destroy", temp, HttpStatusCode.ServiceUnavailable);
        }

        using (host.BlockStore())
        {
            await client.SendAsync("PUT", "/write/waits", token, HttpStatusCode.ServiceUnavailable);
        }
    }
}
