using System.Globalization;
using ServerSession.Benchmarks.Server;
using ServerSession.Benchmarks.Support;

namespace ServerSession.Benchmarks.Load;

/// <summary>A Garnet of its own on a free port, without persistence.</summary>
internal sealed class GarnetServer : IStoreServer
{
    private readonly ChildProcess _process;

    private GarnetServer(ChildProcess process, int port)
    {
        _process = process;
        Port = port;
    }

    public int Port { get; }

    public static async Task<GarnetServer> StartAsync()
    {
        var port = FreePorts.Next();
        var process = ChildProcess.Self("garnet", "--port", port.ToString(CultureInfo.InvariantCulture));
        await process.LineAsync(GarnetApp.Ready);
        return new(process, port);
    }

    public double ProcessorMicroseconds() => _process.ProcessorMicroseconds();

    public ValueTask DisposeAsync() => _process.DisposeAsync();
}
