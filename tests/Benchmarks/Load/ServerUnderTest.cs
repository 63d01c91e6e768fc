using System.Globalization;
using System.Net.Http.Json;
using ServerSession.Benchmarks.Server;
using ServerSession.Benchmarks.Support;

namespace ServerSession.Benchmarks.Load;

/// <summary>One variant in its own process, with its sessions created.</summary>
internal sealed class ServerUnderTest : IAsyncDisposable
{
    private readonly ChildProcess _process;
    private readonly RedisServer? _redis;
    private readonly string _folder;
    private readonly HttpClient _http;

    private ServerUnderTest(ChildProcess process, RedisServer? redis, string folder, Uri address)
    {
        _process = process;
        _redis = redis;
        _folder = folder;
        Address = address;
        _http = new HttpClient(new SocketsHttpHandler { UseCookies = false }) { BaseAddress = address };
    }

    public Uri Address { get; }

    /// <summary>The file with one Cookie header a line.</summary>
    public string Cookies => Path.Combine(_folder, "cookies.txt");

    public static async Task<ServerUnderTest> StartAsync(string variant, int sessions)
    {
        var folder = Folders.Temporary();
        var redis = variant == Variant.AspNetRedis ? await RedisServer.StartAsync(folder) : null;
        var port = FreePort.Next().ToString(CultureInfo.InvariantCulture);
        var process = ChildProcess.Self(
            "serve", variant, "--port", port, "--folder", folder, "--redis", (redis?.Port ?? 0).ToString(CultureInfo.InvariantCulture));
        var server = new ServerUnderTest(process, redis, folder, new Uri($"http://127.0.0.1:{port}"));
        try
        {
            await process.LineAsync(ServerApp.Ready);
            await server.CreateSessionsAsync(sessions);
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    public async Task<ServerStats> StatsAsync() => (await _http.GetFromJsonAsync<ServerStats>("stats"))!;

    /// <summary>The processor time of the server and of the Redis it uses, in microseconds.</summary>
    public (double Server, double Redis) ProcessorMicroseconds() =>
        (_process.ProcessorMicroseconds(), _redis?.ProcessorMicroseconds() ?? 0);

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _process.DisposeAsync();
        if (_redis is not null)
        {
            await _redis.DisposeAsync();
        }

        Directory.Delete(_folder, recursive: true);
    }

    private async Task CreateSessionsAsync(int count)
    {
        var cookies = new List<string>(count);
        for (var i = 0; i < count; i++)
        {
            using var response = await _http.GetAsync(new Uri("create", UriKind.Relative));
            response.EnsureSuccessStatusCode();
            cookies.Add(response.Headers.GetValues("Set-Cookie").Single().Split(';')[0]);
        }

        if (cookies.Distinct(StringComparer.Ordinal).Count() != count)
        {
            throw new InvalidOperationException("Two sessions got the same cookie.");
        }

        await File.WriteAllLinesAsync(Cookies, cookies);
    }
}
