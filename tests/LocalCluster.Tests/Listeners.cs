using System.Globalization;
using System.Net;

namespace ServerSession.Tests;

/// <summary>Where processes accept connections, as the kernel lists it.</summary>
internal static class Listeners
{
    private const string Listening = "0A";

    /// <summary>The TCP addresses, of IPv4 and IPv6, on which any of these processes listens.</summary>
    public static IReadOnlyList<IPEndPoint> Of(IEnumerable<int> processes)
    {
        var sockets = processes.SelectMany(Sockets).ToHashSet();
        return [.. new[] { "/proc/net/tcp", "/proc/net/tcp6" }.SelectMany(File.ReadLines)
            .Select(static line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Where(fields => fields[3] == Listening && sockets.Contains($"socket:[{fields[9]}]"))
            .Select(static fields => Parse(fields[1]))];
    }

    private static IEnumerable<string?> Sockets(int process)
    {
        foreach (var descriptor in Directory.GetFiles(string.Create(CultureInfo.InvariantCulture, $"/proc/{process}/fd")))
        {
            string? target = null;
            try
            {
                target = new FileInfo(descriptor).LinkTarget;
            }
            catch (IOException)
            {
                // Closed meanwhile: no listener of a process that is ready.
            }

            yield return target;
        }
    }

    /// <summary>Reads an address and a port as the kernel writes them: words of four bytes in the machine's order, then the port.</summary>
    private static IPEndPoint Parse(string text)
    {
        var parts = text.Split(':');
        var address = Convert.FromHexString(parts[0]);
        for (var word = 0; BitConverter.IsLittleEndian && word < address.Length; word += sizeof(uint))
        {
            address.AsSpan(word, sizeof(uint)).Reverse();
        }

        return new IPEndPoint(new IPAddress(address), int.Parse(parts[1], NumberStyles.HexNumber, CultureInfo.InvariantCulture));
    }
}
