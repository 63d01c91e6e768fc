using System.Globalization;
using ServerSession.Benchmarks.Server;
using ServerSession.Benchmarks.Support;

namespace ServerSession.Benchmarks.Load;

/// <summary>A process with a silo beside the one that is loaded.</summary>
internal sealed class SiloProcess(ChildProcess process, Uri address, int siloPort, int gatewayPort) : IAsyncDisposable
{
    public Uri Address => address;

    public int SiloPort => siloPort;

    public int GatewayPort => gatewayPort;

    /// <summary>Starts a process of a variant.</summary>
    /// <param name="variant"><see cref="Variant.Silo"/>, or a variant that holds a silo and sessions.</param>
    /// <param name="folder">Where it keeps its files.</param>
    /// <param name="store">The store it uses; null for the embedded one.</param>
    /// <param name="primary">The silo that keeps the membership; null makes it this one.</param>
    /// <param name="environment">What its environment has beside this process's.</param>
    public static async Task<SiloProcess> StartAsync(
        string variant, string folder, IStoreServer? store, SiloProcess? primary, IReadOnlyDictionary<string, string> environment)
    {
        var (http, silo, gateway) = (FreePorts.Next(), FreePorts.Next(), FreePorts.Next());
        var process = ChildProcess.Self(
            environment,
            "serve", variant, "--port", Text(http), "--folder", folder, "--redis", Text(store?.Port ?? 0),
            "--silo", Text(silo), "--gateway", Text(gateway), "--primary", Text(primary?.SiloPort ?? 0));
        await process.LineAsync(ServerApp.Ready);
        return new(process, new Uri(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{http}")), silo, gateway);
    }

    public double ProcessorMicroseconds() => process.ProcessorMicroseconds();

    public ValueTask DisposeAsync() => process.DisposeAsync();

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
