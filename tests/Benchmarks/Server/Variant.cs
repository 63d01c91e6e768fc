namespace ServerSession.Benchmarks.Server;

/// <summary>A way to keep sessions, or none: the names of the command line.</summary>
internal static class Variant
{
    public const string Bare = "bare";
    public const string BareWithSilo = "bare-with-silo";
    public const string Volatile = "volatile";
    public const string WriteBehind = "write-behind";
    public const string WriteThrough = "write-through";
    public const string AspNetMemory = "aspnet-memory";
    public const string AspNetRedis = "aspnet-redis";
    public const string AspNetGarnet = "aspnet-garnet";

    /// <summary>One silo with the embedded store, and a frontend that is its client.</summary>
    public const string ClientVolatile = "client-volatile";

    /// <inheritdoc cref="ClientVolatile"/>
    public const string ClientWriteThrough = "client-write-through";

    /// <summary>One silo that keeps its sessions in Redis, and a frontend that is its client.</summary>
    public const string ClientRedis = "client-redis";

    /// <summary>Two silos that keep their sessions in Redis, and a frontend that is their client.</summary>
    public const string TwoSilosRedis = "two-silos-redis";

    /// <summary>Three silos that keep their sessions in Redis, and a frontend that is their client.</summary>
    public const string ThreeSilosRedis = "three-silos-redis";

    /// <summary>Two processes, each with its own silo, that keep their sessions in Redis. The load goes to one of them.</summary>
    public const string CoHostedRedis = "two-cohosted-redis";

    /// <summary>Started beside a variant: a process that only holds a silo.</summary>
    public const string Silo = "silo";

    /// <summary>What can be compared with <see cref="Bare"/>.</summary>
    public static readonly string[] Compared =
    [
        BareWithSilo, Volatile, WriteBehind, WriteThrough,
        ClientVolatile, ClientWriteThrough, ClientRedis, TwoSilosRedis, ThreeSilosRedis, CoHostedRedis,
        AspNetMemory, AspNetRedis, AspNetGarnet,
    ];

    /// <summary>The silos that a variant needs beside the process that is loaded.</summary>
    public static int SilosOf(string variant) => variant switch
    {
        ClientVolatile or ClientWriteThrough or ClientRedis or CoHostedRedis => 1,
        TwoSilosRedis => 2,
        ThreeSilosRedis => 3,
        _ => 0,
    };

    /// <summary>Whether the sessions are read through the Orleans client.</summary>
    public static bool IsClient(string variant) => SilosOf(variant) > 0 && variant != CoHostedRedis;

    public static bool UsesRedis(string variant) => variant is AspNetRedis or ClientRedis or TwoSilosRedis or ThreeSilosRedis or CoHostedRedis;
}
