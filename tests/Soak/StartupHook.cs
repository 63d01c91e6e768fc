using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Net.Sockets;
using System.Runtime;

/// <summary>
/// Runs inside the measured process (the runtime calls it before its Main, because <c>DOTNET_STARTUP_HOOKS</c> names this assembly) and
/// tells whoever connects what only the process itself knows. It may use nothing but the runtime's own libraries.
/// </summary>
internal static class StartupHook
{
    public const string SocketVariable = "SOAK_SOCKET";
    public const string HeapName = "heap";
    public const string CommittedName = "committed";

    private static readonly ConcurrentDictionary<string, long> Gauges = new();
    private static readonly MeterListener Listener = new();

    public static void Initialize()
    {
        if (Environment.GetEnvironmentVariable(SocketVariable) is not { Length: > 0 } path)
        {
            return;
        }

        Listener.InstrumentPublished = static (instrument, listener) =>
        {
            if (instrument.IsObservable && instrument.Name.StartsWith("orleans-", StringComparison.Ordinal))
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        Listener.SetMeasurementEventCallback<int>(static (instrument, value, _, _) => Add(instrument.Name, value));
        Listener.SetMeasurementEventCallback<long>(static (instrument, value, _, _) => Add(instrument.Name, value));
        Listener.Start();
        new Thread(() => Answer(path)) { IsBackground = true, Name = "Soak probe" }.Start();
    }

    private static void Answer(string path)
    {
        using var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        listener.Bind(new UnixDomainSocketEndPoint(path));
        listener.Listen();
        while (true)
        {
            using var caller = listener.Accept();
            using var writer = new StreamWriter(new NetworkStream(caller));
            Collect();
            Gauges.Clear();
            Listener.RecordObservableInstruments();
            writer.WriteLine($"{HeapName}={GC.GetTotalMemory(forceFullCollection: false)}");
            writer.WriteLine($"{CommittedName}={GC.GetGCMemoryInfo(GCKind.FullBlocking).TotalCommittedBytes}");
            foreach (var (name, value) in Gauges)
            {
                writer.WriteLine($"{name}={value}");
            }
        }
    }

    // One gauge may report a number for each grain type.
    private static void Add(string name, long value) => Gauges.AddOrUpdate(name, value, (_, sum) => sum + value);

    private static void Collect()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GCSettings.LargeObjectHeapCompactionMode = GCLargeObjectHeapCompactionMode.CompactOnce;
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
    }
}
