using System.Net;
using System.Net.Sockets;

namespace ServerSession.Tests;

/// <summary>
/// Ports that nobody had a moment ago, none of them twice in this process, and below those that the operating system gives to outgoing connections: a host that is
/// started again needs its port back, and a connection may have taken one of those meanwhile.
/// </summary>
public static class FreePorts
{
    private const int Lowest = 20_000;
    private const int LowestEphemeralByDefault = 32_768;

    // Where the operating system gives connections lower ports already, none is safe from them: then there are at least enough.
    private const int Highest = 60_000;
    private const int LeastCount = 5_000;

    private static readonly HashSet<int> Given = [];

    public static int Next() => Take(1)[0];

    public static int[] Take(int count)
    {
        lock (Given)
        {
            var range = (LowestEphemeral() is var lowest && lowest >= Lowest + LeastCount ? lowest : Highest) - Lowest;
            var first = Random.Shared.Next(range);
            int[] ports = [.. Enumerable.Range(0, range).Select(i => Lowest + ((first + i) % range)).Where(static port => !Given.Contains(port) && IsFree(port)).Take(count)];
            Given.UnionWith(ports);
            return ports.Length == count ? ports : throw new InvalidOperationException($"There are no {count} free ports from {Lowest} to {Lowest + range}.");
        }
    }

    private static bool IsFree(int port)
    {
        using var listener = new TcpListener(IPAddress.Loopback, port);
        try
        {
            listener.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private static int LowestEphemeral()
    {
        const string Range = "/proc/sys/net/ipv4/ip_local_port_range";
        return File.Exists(Range) ? int.Parse(File.ReadAllText(Range).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)[0], System.Globalization.CultureInfo.InvariantCulture) : LowestEphemeralByDefault;
    }
}
