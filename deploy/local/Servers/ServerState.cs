using System.Text.Json;

namespace ServerSession.LocalCluster.Servers;

/// <summary>What a server's directory remembers of it, so that another run of the tool finds it again.</summary>
/// <param name="Name">The kind of server: <c>redis</c>, <c>postgres</c> or <c>azurite</c>.</param>
/// <param name="Ports">Its loopback ports.</param>
/// <param name="Process">The process that was started last; it may have ended since.</param>
public sealed record ServerState(string Name, int[] Ports, ServerProcess Process)
{
    private const string FileName = "server.json";

    /// <summary>Reads the state of the server in a directory.</summary>
    /// <returns>Null if no server was ever started there.</returns>
    public static ServerState? Read(string directory)
    {
        var file = Path.Combine(directory, FileName);
        return File.Exists(file) ? JsonSerializer.Deserialize<ServerState>(File.ReadAllText(file)) : null;
    }

    public void Write(string directory)
    {
        // Written aside and renamed, so that a run that ends half way leaves the old state.
        var file = Path.Combine(directory, FileName);
        File.WriteAllText(file + ".new", JsonSerializer.Serialize(this));
        File.Move(file + ".new", file, overwrite: true);
    }
}
