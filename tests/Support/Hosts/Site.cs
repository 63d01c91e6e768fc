using System.Globalization;

namespace ServerSession.Tests;

/// <summary>A WebHost with its silo inside and a SQLite file of its own, at the same addresses over restarts.</summary>
public sealed class Site(string folder, string? dataFolder = null)
{
    private readonly int[] _ports = FreePorts.Take(3);

    public string DataPath => Path.Combine(dataFolder ?? folder, "sessions.db");

    public Uri Address => new(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{_ports[0]}"));

    public Task<HostProcess> StartAsync(params string[] more) => HostProcess.StartAsync("WebHost", folder, [.. Arguments, .. more]);

    /// <summary>Starts the host and kills it while it starts.</summary>
    public async Task StartAndKillAsync(TimeSpan after)
    {
        await using var process = HostProcess.Launch("WebHost", folder, Arguments);
        await Task.Delay(after);
    }

    private string[] Arguments =>
    [
        "--environment", "Development",
        "--urls", Address.ToString(),
        string.Create(CultureInfo.InvariantCulture, $"--Orleans:Endpoints:SiloPort={_ports[1]}"),
        string.Create(CultureInfo.InvariantCulture, $"--Orleans:Endpoints:GatewayPort={_ports[2]}"),
        "--Orleans:GrainStorage:sessions:ProviderType=Sqlite",
        $"--Orleans:GrainStorage:sessions:Path={DataPath}",
    ];
}
