namespace ServerSession.Benchmarks.Server;

/// <summary>A way to keep sessions, or none: the names of the command line.</summary>
internal static class Variant
{
    public const string Bare = "bare";
    public const string BareBesideSilo = "bare-beside-silo";
    public const string Volatile = "volatile";
    public const string WriteBehind = "write-behind";
    public const string WriteThrough = "write-through";
    public const string AspNetMemory = "aspnet-memory";
    public const string AspNetRedis = "aspnet-redis";

    /// <summary>What can be compared with <see cref="Bare"/>.</summary>
    public static readonly string[] Compared = [BareBesideSilo, Volatile, WriteBehind, WriteThrough, AspNetMemory, AspNetRedis];
}
