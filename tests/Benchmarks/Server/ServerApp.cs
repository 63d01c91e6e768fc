using System.Net;
using System.Runtime;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using ServerSession.Benchmarks.Support;

namespace ServerSession.Benchmarks.Server;

/// <summary>One server process: the same app, host and settings for every variant; only the sessions differ.</summary>
internal static class ServerApp
{
    /// <summary>Written to the output when requests are welcome.</summary>
    public const string Ready = "ready";

    // With one, the default, processors are idle for a tenth of the time: the load generator has taken one from the only thread on it.
    private const int ThreadsPerProcessor = 2;

    public static async Task<int> RunAsync(ServerOptions options)
    {
        ThreadPool.SetMinThreads(ThreadsPerProcessor * Environment.ProcessorCount, ThreadsPerProcessor * Environment.ProcessorCount);

        // Not the folder with the database: the settings' watcher looks under the whole content root, and each write would wake it.
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        builder.Logging.WarningsToStandardError();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, options.Port, static listen => listen.Protocols = HttpProtocols.Http1));
        using var stalls = new DiskStalls();
        using var messages = new MessageCounts();
        var sessions = SessionsOf(options);
        sessions.AddServices(builder, options);
        var app = builder.Build();
        app.UseRouting();
        sessions.Use(app);
        sessions.Map(app);
        app.MapGet("/stats", () => new ServerStats(
            GC.GetTotalAllocatedBytes(precise: true), stalls.Seconds, JitInfo.GetCompiledMethodCount(),
            GC.CollectionCount(0), GC.CollectionCount(GC.MaxGeneration), GC.GetTotalPauseDuration().TotalSeconds, messages.FromClients, messages.FromSilos));
        app.MapPost("/messages/{on}", (bool on) => messages.Switch(on));
        await app.StartAsync();
        Console.WriteLine(Ready);

        // The end of the input is the end of the run, also where the parent was killed. Nothing is kept, so there is nothing to wait for. The console
        // is read on a separate thread: it blocks, and where the app started asynchronously, as with a silo, that would be one of the pool's.
        await Task.Factory.StartNew(Console.In.ReadToEnd, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        ChildProcess.EndThisOne();
        return 0;
    }

    private static ISessionsUnderTest SessionsOf(ServerOptions options) => options.Variant switch
    {
        Variant.Bare => new NoSessions(withSilo: false),
        Variant.BareWithSilo => new NoSessions(withSilo: true),
        Variant.Volatile => new GrainSessions(SessionDurability.Volatile, GrainHost.Embedded),
        Variant.WriteBehind => new GrainSessions(SessionDurability.WriteBehind, GrainHost.Embedded),
        Variant.WriteThrough or Variant.CoHostedRedis => new GrainSessions(SessionDurability.WriteThrough, GrainHost.Embedded),
        Variant.ClientVolatile => new GrainSessions(SessionDurability.Volatile, GrainHost.Client),
        Variant.ClientWriteThrough or Variant.ClientRedis or Variant.TwoSilosRedis or Variant.ThreeSilosRedis =>
            new GrainSessions(SessionDurability.WriteThrough, GrainHost.Client),
        Variant.AspNetMemory or Variant.AspNetRedis or Variant.AspNetGarnet => new AspNetSessions(),
        Variant.Silo => new OnlySilo(),
        _ => throw new ArgumentException($"There is no variant '{options.Variant}'. There are: {Variant.Bare}, {string.Join(", ", Variant.Compared)}."),
    };
}
