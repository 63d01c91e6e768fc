namespace ServerSession.Benchmarks.Server;

/// <summary>What a request does with its session.</summary>
internal static class Endpoint
{
    public const string Untouched = "untouched";
    public const string Read = "read";
    public const string Write = "write";
    public const string ReadThenWrite = "read-then-write";

    public static readonly string[] All = [Untouched, Read, Write, ReadThenWrite];
}
