using System.Diagnostics.Metrics;

namespace ServerSession.Benchmarks.Creates;

/// <summary>Counts the writes of the embedded store: those of sessions and those of the clean-up's index.</summary>
internal sealed class StoreWrites : IDisposable
{
    private readonly MeterListener _listener = new();
    private long _count;

    public StoreWrites()
    {
        _listener.InstrumentPublished = static (instrument, listener) =>
        {
            if (instrument.Name == "server_session.sqlite.batch.size")
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<int>((_, writes, _, _) => Interlocked.Add(ref _count, writes));
        _listener.Start();
    }

    public long Count => Volatile.Read(ref _count);

    public void Dispose() => _listener.Dispose();
}
