using System.Diagnostics.Metrics;

namespace ServerSession.Endings;

/// <summary>The measurements of watching, on the silo's meter.</summary>
internal sealed class WatchInstruments
{
    private readonly UpDownCounter<long> _registrations;
    private readonly Counter<long> _lost;

    public WatchInstruments(IMeterFactory meters)
    {
        var meter = meters.Create(SessionInstruments.MeterName);
        _registrations = meter.CreateUpDownCounter<long>("server_session.watch.registrations", "{registration}", "Sessions watched by frontends, counted once for each frontend.");
        _lost = meter.CreateCounter<long>("server_session.watch.frontends_lost", "{frontend}", "Frontends that did not answer any more and were dropped.");
    }

    public void Registered(int count) => _registrations.Add(count);

    public void FrontendLost() => _lost.Add(1);
}
