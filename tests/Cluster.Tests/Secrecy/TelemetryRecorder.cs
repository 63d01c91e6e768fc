using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace ServerSession.Tests.Secrecy;

/// <summary>Writes down every measurement and every activity of this process.</summary>
public sealed class TelemetryRecorder : IDisposable
{
    public const string MetricChannel = "metric";
    public const string ActivityChannel = "activity";

    private readonly Evidence _evidence;
    private readonly MeterListener _meters = new();
    private readonly ActivityListener _activities;

    public TelemetryRecorder(Evidence evidence)
    {
        _evidence = evidence;
        _meters.InstrumentPublished = static (instrument, listener) => listener.EnableMeasurementEvents(instrument);
        _meters.SetMeasurementEventCallback<byte>(Measured);
        _meters.SetMeasurementEventCallback<short>(Measured);
        _meters.SetMeasurementEventCallback<int>(Measured);
        _meters.SetMeasurementEventCallback<long>(Measured);
        _meters.SetMeasurementEventCallback<float>(Measured);
        _meters.SetMeasurementEventCallback<double>(Measured);
        _meters.SetMeasurementEventCallback<decimal>(Measured);
        _meters.Start();
        _activities = new ActivityListener
        {
            ShouldListenTo = static _ => true,
            Sample = static (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = Stopped,
        };
        ActivitySource.AddActivityListener(_activities);
    }

    /// <summary>Asks the instruments that measure only when they are asked.</summary>
    public void Observe() => _meters.RecordObservableInstruments();

    public void Dispose()
    {
        _meters.Dispose();
        _activities.Dispose();
    }

    private void Measured<T>(Instrument instrument, T measurement, ReadOnlySpan<KeyValuePair<string, object?>> tags, object? state)
        where T : struct
    {
        _evidence.Add(MetricChannel, $"{instrument.Meter.Name} {instrument.Name} {instrument.Unit} {instrument.Description} = {measurement}");
        _evidence.Add(MetricChannel, tags.ToArray());
        _evidence.Add(MetricChannel, instrument.Tags);
        _evidence.Add(MetricChannel, instrument.Meter.Tags);
    }

    private void Stopped(Activity activity)
    {
        _evidence.Add(ActivityChannel, $"{activity.Source.Name} {activity.OperationName} {activity.DisplayName} {activity.StatusDescription} {activity.TraceStateString}");
        _evidence.Add(ActivityChannel, activity.TagObjects);
        _evidence.Add(ActivityChannel, activity.Baggage.Select(static item => $"{item.Key}={item.Value}"));
        foreach (var told in activity.Events)
        {
            _evidence.Add(ActivityChannel, told.Name);
            _evidence.Add(ActivityChannel, told.Tags);
        }

        foreach (var link in activity.Links)
        {
            _evidence.Add(ActivityChannel, link.Tags);
        }
    }
}
