using System.Globalization;

namespace ServerSession.Tests;

/// <summary>A place where a WebHost runs: a folder and three ports, kept over restarts.</summary>
public sealed class WebHostSite(string folder)
{
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
        return HostProcess.StartAsync("WebHost", folder, [.. Arguments, .. more]);
    }

    /// <summary>Starts a client of a cluster and waits until it has found a silo: it serves before that, and answers 503.</summary>
    public async Task<HostProcess> StartReadyAsync(params string[] more)
    {
        var process = await StartAsync(more);
        using var browser = Browse();
        while (true)
        {
            using var ready = await browser.GetAsync("/health/ready");
            if (ready.IsSuccessStatusCode)
            {
                return process;
            }

            Assert.Null(process.ExitCode);
            await Task.Delay(100, TestContext.Current.CancellationToken);
        }
    }

    /// <summary>A browser with a cookie jar of its own.</summary>
    public Browser Browse() => new(Address);
}
