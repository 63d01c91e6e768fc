using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using ServerSession.Storage;

namespace ServerSession.Tests.Storage;

public sealed class MetricsTests
{
    [Fact]
    public async Task Meter_of_writes_counts_them_in_batches()
    {
        ConcurrentQueue<(string Instrument, double Value)> measured = [];
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, self) =>
        {
            if (instrument.Meter.Name == SqliteMetrics.MeterName)
            {
                self.EnableMeasurementEvents(instrument);
            }
        };
        listener.SetMeasurementEventCallback<int>((instrument, value, _, _) => measured.Enqueue((instrument.Name, value)));
        listener.SetMeasurementEventCallback<double>((instrument, value, _, _) => measured.Enqueue((instrument.Name, value)));
        listener.Start();

        using var folder = new TempFolder();
        await using (var store = await TestStore.OpenAsync(folder["sessions.db"]))
        {
            await Task.WhenAll(Enumerable.Range(0, 50).Select(i =>
                store.Storage.WriteStateAsync("state", GrainId.Create("metric", $"{i}"), new BytesState())));
        }

        // Other tests of this process are measured as well, so these are lower bounds.
        Assert.InRange(measured.Where(m => m.Instrument == "server_session.sqlite.batch.size").Sum(m => m.Value), 50, double.MaxValue);
        Assert.Contains(measured, m => m is { Instrument: "server_session.sqlite.commit.duration", Value: > 0 and < 60 });
        Assert.Contains(measured, m => m is { Instrument: "server_session.sqlite.queue.length", Value: 1 });
        Assert.Contains(measured, m => m is { Instrument: "server_session.sqlite.queue.length", Value: < 0 });
    }
}
