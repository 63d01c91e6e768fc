using System.Diagnostics.Metrics;

namespace ServerSession.Benchmarks.Server;

/// <summary>
/// Listens for transactions that took far longer than one takes (a fraction of a millisecond): the disk, or the machine under it, stood still. Nobody else
/// waits for the disk in this test, so the case that does is compared with others that would not have noticed.
/// </summary>
internal sealed class DiskStalls : IDisposable
{
    private const double ShortestSeconds = 0.010;

    private readonly MeterListener _listener = new();
    private double _seconds;

    public DiskStalls()
    {
        _listener.InstrumentPublished = static (instrument, listener) =>
        {
            if (instrument.Name == "server_session.sqlite.commit.duration")
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<double>((_, seconds, _, _) =>
        {
            // One writer commits, so one thread counts.
            if (seconds > ShortestSeconds)
            {
                Volatile.Write(ref _seconds, _seconds + seconds);
            }
        });
        _listener.Start();
    }

    /// <summary>The seconds since the start in transactions of more than 10 ms.</summary>
    public double Seconds => Volatile.Read(ref _seconds);

    public void Dispose() => _listener.Dispose();
}
