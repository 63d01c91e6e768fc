namespace ServerSession.Benchmarks.Server;

/// <summary>What a request does with its session.</summary>
internal static class Endpoint
{
    public const string Untouched = "untouched";
    public const string Read = "read";
    public const string Write = "write";
    public const string ReadThenWrite = "read-then-write";

    /// <summary>A read that takes what the frontend learned less than two seconds ago. Only of frontends that are clients.</summary>
    public const string ReadRecent = "read-recent";

    public static readonly string[] All = [Untouched, Read, Write, ReadThenWrite];
}
