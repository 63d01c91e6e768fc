using System.Net;
using System.Text;
using ServerSession.Tests.Secrecy;

namespace ServerSession.Tests;

/// <summary>Guarantee, the token is a secret: of a host that runs with every log switched on, as an operator might in an emergency.</summary>
public sealed class SecrecyTests
{
    private const string Header = "Session-Token";
    private const string Cookie = "session";

    private static readonly string[] Everything =
    [
        "--Logging:LogLevel:Default=Trace", "--Logging:LogLevel:Microsoft.AspNetCore=Trace", "--Logging:LogLevel:Orleans=Trace",
        "--Logging:Console:LogLevel:Default=Trace", "--Logging:Console:FormatterOptions:IncludeScopes=true",
        $"--ServerSession:Header={Header}", $"--ServerSession:Cookie:Name={Cookie}", "--ServerSession:RotationGrace=00:00:00",
    ];

    private readonly List<string> _tokens = [];
    private readonly StringBuilder _answers = new();

    [Fact]
    public async Task Output_at_trace_level_answers_and_files_hold_no_token()
    {
        using var folder = new TempFolder();
        var site = new WebHostSite(folder.Path);
        await using var host = await site.StartAsync(Everything);
        using var client = new HttpClient(new SocketsHttpHandler { UseCookies = false }) { BaseAddress = site.Address };
        var first = await SendAsync(client, "PUT", "/session/quote/update", null);
        await SendAsync(client, "GET", "/session", first);
        await SendAsync(client, "POST", "/session/increment/visits", first);
        var second = await SendAsync(client, "POST", "/session/rotate", first);
        await SendAsync(client, "GET", "/session", first);
        await SendAsync(client, "GET", "/session", second[..^1]);
        var named = await SendAsync(client, "PUT", "/session/quote/update", "new", Header);
        await SendAsync(client, "GET", "/session/quote", named, Header);
        await SendMalformedAsync(site.HttpPort, second);
        var kept = FilesOf(folder.Path);
        await SendAsync(client, "POST", "/session/destroy", second);
        Assert.Equal(0, await host.TerminateAsync());

        Assert.Equal(3, _tokens.Distinct().Count());
        var search = new SecretSearch(_tokens);
        Assert.Contains("A replaced token of session", host.Output, StringComparison.Ordinal);
        Assert.Contains("trce: ", host.Output, StringComparison.Ordinal);
        Assert.DoesNotContain(host.Output.Split(Environment.NewLine), line => search.IsIn(line));
        Assert.False(search.IsIn(_answers.ToString()));
        Assert.NotEmpty(kept);
        Assert.DoesNotContain(kept.Concat(FilesOf(folder.Path)), file => search.IsIn(file));
    }

    [Fact]
    public async Task Output_and_files_of_a_host_that_is_given_a_token_in_a_wrong_place_show_it()
    {
        using var folder = new TempFolder();
        var site = new WebHostSite(folder.Path);
        await using var host = await site.StartAsync(Everything);
        using var client = new HttpClient(new SocketsHttpHandler { UseCookies = false }) { BaseAddress = site.Address };
        var token = await SendAsync(client, "PUT", "/session/quote/update", null);
        await SendAsync(client, "GET", $"/nowhere/{token}", null);
        await SendAsync(client, "PUT", "/session/quote/update", token, body: token);
        var kept = FilesOf(folder.Path);
        Assert.Equal(0, await host.TerminateAsync());

        var search = new SecretSearch(token);
        Assert.Contains(host.Output.Split(Environment.NewLine), line => search.IsIn(line));
        Assert.Contains(kept, file => search.IsIn(file));
        Assert.True(search.IsIn(_answers.ToString()));
    }

    /// <summary>Header lines that Kestrel refuses; it would quote each of them in its log.</summary>
    private async Task SendMalformedAsync(int port, string token)
    {
        foreach (var line in new[]
        {
            $"Cookie: session={token}\0", $"Cookie : session={token}", $"Cookie: session={token}\rX: 1", $"{Header} {token}", $"{Header}\t: {token}",
            $"Cookie: session={token}; other=\u00e9", $" Cookie: session={token}",
        })
        {
            var answer = await RawHttp.SendAsync(port, $"GET /session HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\n{line}\r\n\r\n");
            Assert.StartsWith("HTTP/1.1 400 ", answer, StringComparison.Ordinal);
            _answers.AppendLine(answer);
        }
    }

    private async Task<string> SendAsync(HttpClient client, string method, string path, string? token, string header = "Cookie", string body = "a quote")
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        request.Content = method == "PUT" ? new StringContent(body) : null;
        if (token is not null)
        {
            request.Headers.Add(header, header == "Cookie" ? $"session={token}" : token);
        }

        using var response = await client.SendAsync(request);
        Assert.NotEqual(HttpStatusCode.InternalServerError, response.StatusCode);
        _answers.AppendLine(await response.Content.ReadAsStringAsync());
        var issued = response.Headers.TryGetValues("Set-Cookie", out var cookies) ? Assert.Single(cookies).Split(';')[0]["session=".Length..]
            : response.Headers.TryGetValues(Header, out var named) ? Assert.Single(named) : "";
        if (issued.Length > 0)
        {
            _tokens.Add(issued);
        }

        return issued;
    }

    /// <summary>The database, its log and its shared memory; the host keeps the lock file to itself, which is empty.</summary>
    private static List<byte[]> FilesOf(string folder) =>
        [.. Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories)
            .Where(static path => !path.EndsWith(".lock", StringComparison.Ordinal))
            .Select(File.ReadAllBytes)];
}
