using System.Globalization;

namespace ServerSession.Tests;

/// <summary>A place where a WebHost runs: a folder and three ports, kept over restarts. Its requests try for longer than by default, so that one that meets a stall of the machine is served.</summary>
public sealed class WebHostSite(string folder)
{
    /// <summary>The longest that fits into the operation window.</summary>
    private const string Budget = "--ServerSession:RetryBudget=00:00:13";

    private readonly int[] _ports = FreePorts.Take(3);

    public Uri Address { get; private set; } = null!;

    public int HttpPort => _ports[0];

    public int SiloPort => _ports[1];

    public int GatewayPort => _ports[2];

    public string[] Arguments =>
    [
        "--environment", "Development",
        "--urls", string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{HttpPort}"),
        string.Create(CultureInfo.InvariantCulture, $"--Orleans:Endpoints:SiloPort={SiloPort}"),
        string.Create(CultureInfo.InvariantCulture, $"--Orleans:Endpoints:GatewayPort={GatewayPort}"),
    ];

    public Task<HostProcess> StartAsync(params string[] more)
    {
        Address = new Uri(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{HttpPort}"));
        return HostProcess.StartAsync("WebHost", folder, [.. Arguments, Budget, .. more]);
    }

    /// <summary>Starts a client of a cluster and waits until it has found a silo: it serves before that, and answers 503.</summary>
    public async Task<HostProcess> StartReadyAsync(params string[] more)
    {
        var process = await StartAsync(more);
        using var browser = Browse();
        await Eventually.HoldsAsync(
            async () =>
            {
                using var ready = await browser.GetAsync("/health/ready");
                return ready.IsSuccessStatusCode;
            },
            () => $"the frontend was ready:{Environment.NewLine}{process.Output}");
        return process;
    }

    /// <summary>A browser with a cookie jar of its own.</summary>
    public Browser Browse() => new(Address);
}
