using System.Globalization;
using System.Net.Sockets;
using ServerSession.Tests;

namespace ServerSession.Soak;

/// <summary>What the process holds at one moment, after a full garbage collection.</summary>
/// <param name="Heap">Bytes of live objects.</param>
/// <param name="Private">Bytes of memory that only this process has, resident.</param>
/// <param name="Handles">Open file descriptors.</param>
/// <param name="Threads">Threads of the operating system.</param>
/// <param name="Activations">Grains in memory, those of Orleans itself included.</param>
/// <param name="Directory">Entries of this silo's part of the grain directory.</param>
/// <param name="Cached">Entries of the grain directory's cache.</param>
/// <param name="Rows">Rows of the SQLite file.</param>
internal sealed record Sample(long Heap, long Private, int Handles, int Threads, long Activations, long Directory, long Cached, long Rows)
{
    public const string Header = "heap MB  private MB  handles  threads  activations  directory  cached     rows";

    public static async Task<Sample> TakeAsync(int process, string socket, string file)
    {
        var inside = await AskAsync(socket);
        var outside = await File.ReadAllLinesAsync($"/proc/{process}/status");
        return new(
            inside[StartupHook.HeapName],
            Status(outside, "RssAnon:") * 1024,
            System.IO.Directory.EnumerateFileSystemEntries($"/proc/{process}/fd").Count(),
            (int)Status(outside, "Threads:"),
            inside.GetValueOrDefault("orleans-catalog-activations"),
            inside.GetValueOrDefault("orleans-directory-partition-size"),
            inside.GetValueOrDefault("orleans-directory-cache-size"),
            StoredFile.Scalar<long>(file, "SELECT count(*) FROM grain_state"));
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture,
        $"{Heap / 1e6,7:F1}  {Private / 1e6,10:F1}  {Handles,7}  {Threads,7}  {Activations,11}  {Directory,9}  {Cached,6}  {Rows,7}");

    private static async Task<Dictionary<string, long>> AskAsync(string path)
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(new UnixDomainSocketEndPoint(path));
        using var reader = new StreamReader(new NetworkStream(socket));
        var lines = await reader.ReadToEndAsync();
        return lines.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(static line => line.Split('='))
            .ToDictionary(static pair => pair[0], static pair => long.Parse(pair[1], CultureInfo.InvariantCulture));
    }

    private static long Status(string[] lines, string name) =>
        long.Parse(lines.Single(line => line.StartsWith(name, StringComparison.Ordinal)).Split(':')[1].Replace("kB", "", StringComparison.Ordinal), CultureInfo.InvariantCulture);
}
