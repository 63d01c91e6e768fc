using System.Collections.Concurrent;
using System.Globalization;
using System.Net.Http.Json;
using ServerSession.Benchmarks.Server;
using ServerSession.Benchmarks.Support;

namespace ServerSession.Benchmarks.Load;

/// <summary>One variant: the process that is loaded, the silos and the store that it needs, with its sessions created.</summary>
internal sealed class ServerUnderTest : IAsyncDisposable
{
    private const int Creators = 64;

    /// <summary>The load generator keeps a request for each of them, in each of its threads.</summary>
    private const int MostCookies = 100_000;

    private const int Seed = 1;

    private readonly string _folder = Folders.Temporary();
    private readonly List<SiloProcess> _silos = [];
    private readonly List<HttpClient> _clients = [];
    private readonly ConcurrentBag<string> _cookies = [];
    private readonly bool _everywhere;
    private ChildProcess? _process;
    private IStoreServer? _store;

    private ServerUnderTest(Uri address, bool everywhere)
    {
        Address = address;
        _everywhere = everywhere;
    }

    public Uri Address { get; }

    /// <summary>The file with one Cookie header a line.</summary>
    public string Cookies => Path.Combine(_folder, "cookies.txt");

    public static async Task<ServerUnderTest> StartAsync(MeasuredVariant variant, int sessions)
    {
        var port = FreePorts.Next().ToString(CultureInfo.InvariantCulture);
        var server = new ServerUnderTest(new Uri($"http://127.0.0.1:{port}"), variant.Kind == Variant.CoHostedRedis);
        try
        {
            await server.StartProcessesAsync(variant, port);
            await server.CreateSessionsAsync(sessions);
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>What all processes but the store's have used.</summary>
    public async Task<ServerStats> StatsAsync()
    {
        var sum = ServerStats.None;
        foreach (var client in _clients)
        {
            sum += (await client.GetFromJsonAsync<ServerStats>("stats"))!;
        }

        return sum;
    }

    /// <summary>The processor time of the server, of its silos and of the store it uses, in microseconds.</summary>
    public (double Server, double Silos, double Store) ProcessorMicroseconds() =>
        (_process!.ProcessorMicroseconds(), _silos.Sum(static silo => silo.ProcessorMicroseconds()), _store?.ProcessorMicroseconds() ?? 0);

    /// <summary>Switches the count of messages on or off in every process.</summary>
    public async Task CountMessagesAsync(bool on)
    {
        foreach (var client in _clients)
        {
            using var response = await client.PostAsync(new Uri(on ? "messages/true" : "messages/false", UriKind.Relative), null);
            response.EnsureSuccessStatusCode();
        }
    }

    /// <summary>Creates sessions in the server, or in all processes in turn, until there are so many; the load rotates over a sample of them all.</summary>
    public async Task CreateSessionsAsync(int count)
    {
        var servers = _everywhere ? _clients : _clients[..1];
        var next = _cookies.Count;
        await Task.WhenAll(Enumerable.Range(0, Creators).Select(async _ =>
        {
            for (int session; (session = Interlocked.Increment(ref next) - 1) < count;)
            {
                using var response = await servers[session % servers.Count].GetAsync(new Uri("create", UriKind.Relative));
                response.EnsureSuccessStatusCode();
                _cookies.Add(response.Headers.GetValues("Set-Cookie").Single().Split(';')[0]);
            }
        }));
        var cookies = _cookies.Distinct(StringComparer.Ordinal).ToArray();
        if (cookies.Length != count)
        {
            throw new InvalidOperationException($"{count} sessions got {cookies.Length} cookies.");
        }

        new Random(Seed).Shuffle(cookies);
        await File.WriteAllLinesAsync(Cookies, cookies.Take(MostCookies));
    }

    public async ValueTask DisposeAsync()
    {
        _clients.ForEach(static client => client.Dispose());
        if (_process is not null)
        {
            await _process.DisposeAsync();
        }

        foreach (var silo in _silos)
        {
            await silo.DisposeAsync();
        }

        if (_store is not null)
        {
            await _store.DisposeAsync();
        }

        Directory.Delete(_folder, recursive: true);
    }

    private async Task StartProcessesAsync(MeasuredVariant variant, string port)
    {
        _store = variant.Kind == Variant.AspNetGarnet ? await GarnetServer.StartAsync()
            : Variant.UsesRedis(variant.Kind) ? await RedisServer.StartAsync(_folder)
            : null;
        var isClient = variant.Kind != Variant.CoHostedRedis;
        for (var silo = 0; silo < Variant.SilosOf(variant.Kind); silo++)
        {
            _silos.Add(await SiloProcess.StartAsync(
                isClient ? Variant.Silo : variant.Kind, _folder, _store, _silos.FirstOrDefault(), variant.SiloEnvironment));
        }

        _process = ChildProcess.Self(
            variant.ServerEnvironment,
            "serve", variant.Kind, "--port", port, "--folder", _folder, "--redis", (_store?.Port ?? 0).ToString(CultureInfo.InvariantCulture),
            "--primary", (isClient ? 0 : _silos[0].SiloPort).ToString(CultureInfo.InvariantCulture),
            "--gateways", string.Join(',', _silos.Select(static silo => silo.GatewayPort)));
        await _process.LineAsync(ServerApp.Ready);
        _clients.AddRange(_silos.Select(static silo => silo.Address).Prepend(Address)
            .Select(static address => new HttpClient(new SocketsHttpHandler { UseCookies = false }) { BaseAddress = address }));
    }
}
