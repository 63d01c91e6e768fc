using System.Globalization;
using System.Net.Http.Json;
using ServerSession.Benchmarks.Server;
using ServerSession.Benchmarks.Support;

namespace ServerSession.Benchmarks.Load;

/// <summary>One variant: the process that is loaded, the silos and the store that it needs, with its sessions created.</summary>
internal sealed class ServerUnderTest : IAsyncDisposable
{
    private readonly string _folder = Folders.Temporary();
    private readonly List<SiloProcess> _silos = [];
    private readonly List<HttpClient> _clients = [];
    private ChildProcess? _process;
    private IStoreServer? _store;

    private ServerUnderTest(Uri address) => Address = address;

    public Uri Address { get; }

    /// <summary>The file with one Cookie header a line.</summary>
    public string Cookies => Path.Combine(_folder, "cookies.txt");

    public static async Task<ServerUnderTest> StartAsync(MeasuredVariant variant, int sessions)
    {
        var port = FreePorts.Next().ToString(CultureInfo.InvariantCulture);
        var server = new ServerUnderTest(new Uri($"http://127.0.0.1:{port}"));
        try
        {
            await server.StartProcessesAsync(variant, port);
            await server.CreateSessionsAsync(sessions, variant.Kind == Variant.CoHostedRedis);
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
        var sum = new ServerStats(0, 0, 0);
        foreach (var client in _clients)
        {
            var stats = (await client.GetFromJsonAsync<ServerStats>("stats"))!;
            sum = new ServerStats(
                sum.AllocatedBytes + stats.AllocatedBytes, sum.StalledSeconds + stats.StalledSeconds, sum.CompiledMethods + stats.CompiledMethods);
        }

        return sum;
    }

    /// <summary>The processor time of the server, of its silos and of the store it uses, in microseconds.</summary>
    public (double Server, double Silos, double Store) ProcessorMicroseconds() =>
        (_process!.ProcessorMicroseconds(), _silos.Sum(static silo => silo.ProcessorMicroseconds()), _store?.ProcessorMicroseconds() ?? 0);

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
                isClient ? Variant.Silo : variant.Kind, _folder, _store, _silos.FirstOrDefault(), variant.Environment));
        }

        _process = ChildProcess.Self(
            variant.Environment,
            "serve", variant.Kind, "--port", port, "--folder", _folder, "--redis", (_store?.Port ?? 0).ToString(CultureInfo.InvariantCulture),
            "--primary", (isClient ? 0 : _silos[0].SiloPort).ToString(CultureInfo.InvariantCulture),
            "--gateways", string.Join(',', _silos.Select(static silo => silo.GatewayPort)));
        await _process.LineAsync(ServerApp.Ready);
        _clients.AddRange(_silos.Select(static silo => silo.Address).Prepend(Address)
            .Select(static address => new HttpClient(new SocketsHttpHandler { UseCookies = false }) { BaseAddress = address }));
    }

    /// <summary>Creates sessions in the server, or in all processes in turn.</summary>
    private async Task CreateSessionsAsync(int count, bool everywhere)
    {
        var cookies = new List<string>(count);
        for (var i = 0; i < count; i++)
        {
            using var response = await _clients[everywhere ? i % _clients.Count : 0].GetAsync(new Uri("create", UriKind.Relative));
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
