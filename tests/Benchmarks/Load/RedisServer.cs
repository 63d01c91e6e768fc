using System.Globalization;
using System.Net;
using System.Net.Sockets;
using ServerSession.Benchmarks.Support;

namespace ServerSession.Benchmarks.Load;

/// <summary>A Redis of its own on a free port, without persistence.</summary>
internal sealed class RedisServer : IStoreServer
{
    private readonly ChildProcess _process;

    private RedisServer(ChildProcess process, int port)
    {
        _process = process;
        Port = port;
    }

    public int Port { get; }

    public static async Task<RedisServer> StartAsync(string folder)
    {
        var port = FreePorts.Next();
        var process = ChildProcess.Start(
            "redis-server", "--port", port.ToString(CultureInfo.InvariantCulture), "--bind", "127.0.0.1",
            "--save", "", "--appendonly", "no", "--dir", folder, "--logfile", "redis.log");
        for (var attempt = 0; ; attempt++)
        {
            try
            {
                using var client = new TcpClient();
                await client.ConnectAsync(IPAddress.Loopback, port);
                return new(process, port);
            }
            catch (SocketException) when (attempt < 100)
            {
                await Task.Delay(50);
            }
        }
    }

    public double ProcessorMicroseconds() => _process.ProcessorMicroseconds();

    /// <summary>Asks it to end. It does not look at its input, so the request is a command.</summary>
    public async ValueTask DisposeAsync()
    {
        using (var client = new TcpClient())
        {
            await client.ConnectAsync(IPAddress.Loopback, Port);
            await client.GetStream().WriteAsync("SHUTDOWN NOSAVE\r\n"u8.ToArray());
        }

        await _process.DisposeAsync();
    }
}
