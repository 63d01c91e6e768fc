using System.Globalization;
using Garnet;
using ServerSession.Benchmarks.Support;

namespace ServerSession.Benchmarks.Server;

/// <summary>A Garnet server, the process that <see cref="Load.GarnetServer"/> starts.</summary>
internal static class GarnetApp
{
    public const string Ready = "ready";

    public static async Task<int> RunAsync(int port)
    {
        using var server = new Garnet.GarnetServer(
            ["--port", port.ToString(CultureInfo.InvariantCulture), "--bind", "127.0.0.1", "--memory", "256m", "--index", "16m", "--logger-level", "Error"]);
        server.Start();
        Console.WriteLine(Ready);
        await Task.Factory.StartNew(Console.In.ReadToEnd, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        ChildProcess.EndThisOne();
        return 0;
    }
}
