using System.Diagnostics.Metrics;

namespace ServerSession.Benchmarks.Server;

/// <summary>Counts the messages that a silo receives, from its clients and from other silos, while it is switched on: each costs it a microsecond.</summary>
internal sealed class MessageCounts : IDisposable
{
    private MeterListener? _listener;
    private long _fromClients;
    private long _fromSilos;

    public long FromClients => Volatile.Read(ref _fromClients);

    public long FromSilos => Volatile.Read(ref _fromSilos);

    public void Switch(bool on)
    {
        _listener?.Dispose();
        _listener = on ? Listen() : null;
    }

    public void Dispose() => _listener?.Dispose();

    private MeterListener Listen()
    {
        var listener = new MeterListener
        {
            InstrumentPublished = static (instrument, listener) =>
            {
                if (instrument.Name == "orleans-messaging-received-messages-size")
                {
                    listener.EnableMeasurementEvents(instrument);
                }
            },
        };
        listener.SetMeasurementEventCallback<int>((_, _, tags, _) =>
        {
            foreach (var tag in tags)
            {
                if (tag.Key == "ConnectionDirection")
                {
                    // Of the names in Orleans: the connection of a gateway to its client, and of a silo to another one.
                    Interlocked.Increment(ref tag.Value is "SiloToSilo" ? ref _fromSilos : ref _fromClients);
                }
            }
        });
        listener.Start();
        return listener;
    }
}
