using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using ServerSession.Tests.Support;

namespace ServerSession.Tests.Expiry;

/// <summary>What an operator sees of the clean-up: how much it did, and whether it keeps up.</summary>
public class ExpiryMetricTests
{
    private static readonly SessionTerms Terms = new() { IdleTimeout = TimeSpan.FromMinutes(10), AbsoluteLifetime = TimeSpan.FromHours(1) };

    [Fact]
    public async Task Instruments_tell_what_was_swept_and_what_is_overdue()
    {
        await using var cluster = await SessionCluster.StartAsync();
        using var measured = new Measured(cluster.Silos[0].ServiceProvider.GetRequiredService<IMeterFactory>());
        await cluster.CreateReservedAsync(3, Terms);
        await cluster.Shard(6).RegisterAsync([SessionId.New()]);
        await cluster.SweepDueAsync();
        Assert.Equal((0, 0), (measured["backlog"], measured["oldest_due"]));

        cluster.Clock.Advance(Terms.IdleTimeout + TimeSpan.FromMinutes(5));
        Assert.Equal(2, measured["backlog"]);
        Assert.InRange(measured["oldest_due"], 13 * 60, 14 * 60);

        await cluster.SweepDueAsync();
        Assert.Equal((0, 0), (measured["backlog"], measured["oldest_due"]));
        Assert.Equal((3, 1), (measured["ids_reserved"], measured["ids_registered"]));
        Assert.Equal((4, 3, 0), (measured["rows_swept"], measured["rows_removed"], measured["failures"]));
    }

    private sealed class Measured : IDisposable
    {
        private readonly MeterListener _listener = new();
        private readonly Dictionary<string, double> _values = [];
        private readonly Lock _lock = new();

        public Measured(IMeterFactory meters)
        {
            _listener.InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Meter.Scope == meters && instrument.Name.StartsWith("server_session.expiry.", StringComparison.Ordinal))
                {
                    listener.EnableMeasurementEvents(instrument);
                }
            };
            _listener.SetMeasurementEventCallback<long>((instrument, value, _, _) => Take(instrument, value));
            _listener.SetMeasurementEventCallback<double>((instrument, value, _, _) => Take(instrument, value));
            _listener.Start();
        }

        public double this[string name]
        {
            get
            {
                _listener.RecordObservableInstruments();
                lock (_lock)
                {
                    return _values.GetValueOrDefault($"server_session.expiry.{name}");
                }
            }
        }

        public void Dispose() => _listener.Dispose();

        private void Take(Instrument instrument, double value)
        {
            lock (_lock)
            {
                _values[instrument.Name] = instrument.IsObservable ? value : _values.GetValueOrDefault(instrument.Name) + value;
            }
        }
    }
}
