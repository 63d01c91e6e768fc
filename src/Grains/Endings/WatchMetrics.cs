using System.Diagnostics.Metrics;

namespace ServerSession.Grains;

/// <summary>The metrics of frontends that watch sessions, on the meter <c>ServerSession.Silo</c>.</summary>
internal sealed class WatchMetrics
{
    private readonly UpDownCounter<long> _registrations;
    private readonly Counter<long> _lost;

    public WatchMetrics(IMeterFactory meters)
    {
        var meter = meters.Create(SessionMetrics.MeterName);
        _registrations = meter.CreateUpDownCounter<long>("server_session.watch.registrations", "{registration}", "Sessions watched by frontends, counted once for each frontend.");
        _lost = meter.CreateCounter<long>("server_session.watch.frontends_lost", "{frontend}", "Frontends that did not answer any more; the silo forgot what they watch.");
    }

    public void Registered(int count) => _registrations.Add(count);

    public void FrontendLost() => _lost.Add(1);
}
