using ServerSession.Benchmarks.Support;

namespace ServerSession.Benchmarks.Server;

/// <summary>What one server process is told.</summary>
internal sealed record ServerOptions(string Variant, int Port, int RedisPort, string Folder)
{
    public static readonly string[] Names = ["port", "redis", "folder"];

    public static ServerOptions From(Arguments line) => new(
        line.Argument(0), line.Number("port", 5000), line.Number("redis", 6379), line.Text("folder") ?? Folders.Temporary());
}
