using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace ServerSession.LocalCluster.Servers;

/// <summary>
/// Loopback ports that nobody listened on a moment ago, below those that the operating system gives to outgoing connections: a process that is
/// started again needs its port back, and an outgoing connection may have taken one of those meanwhile.
/// </summary>
public static class FreePort
{
    private const int Lowest = 10_000;
    private const int LeastCount = 5_000;
    private const int LowestEphemeralByDefault = 32_768;

    private static readonly HashSet<int> Given = [];

    /// <summary>Returns different free ports, none of which this process was given before. Another process may take one before it is used: try again with others.</summary>
    /// <exception cref="InvalidOperationException">There are not so many.</exception>
    public static int[] Take(int count)
    {
        var range = Math.Max(LowestEphemeral() - Lowest, LeastCount);
        var first = Random.Shared.Next(range);
        int[] ports;
        lock (Given)
        {
            ports = [.. Enumerable.Range(0, range).Select(i => Lowest + ((first + i) % range)).Where(static port => !Given.Contains(port) && IsFree(port)).Take(count)];
            Given.UnionWith(ports);
        }

        return ports.Length == count ? ports : throw new InvalidOperationException($"There are no {count} free loopback ports from {Lowest} to {Lowest + range}.");
    }

    private static bool IsFree(int port)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Bind(new IPEndPoint(IPAddress.Loopback, port));
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private static int LowestEphemeral()
    {
        try
        {
            var range = File.ReadAllText("/proc/sys/net/ipv4/ip_local_port_range").Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
            return int.Parse(range[0], CultureInfo.InvariantCulture);
        }
        catch (IOException)
        {
            return LowestEphemeralByDefault;
        }
    }
}
