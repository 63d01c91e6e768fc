using Microsoft.Extensions.DependencyInjection;
using Orleans.Configuration;

namespace ServerSession.Tests.Support;

/// <summary>
/// A clock by which ages grow slowly, while timers run in real time. Orleans measures with it how long a message waits for its answer: a call of a
/// session times out after two seconds, for which a busy machine may stand still.
/// </summary>
internal sealed class PatientTime : TimeProvider
{
    /// <summary>Two seconds become half a minute.</summary>
    private const int Slowness = 15;

    private volatile Pace _pace = new(0, 0, Slowness);

    public override long GetTimestamp() => _pace.At(base.GetTimestamp());

    /// <summary>From now on ages grow as fast as time passes: what nobody can answer has to time out.</summary>
    public void Hurry()
    {
        var now = base.GetTimestamp();
        _pace = new Pace(now, _pace.At(now), 1);
    }

    /// <summary>Lets calls time out by this clock only.</summary>
    public void Configure<TOptions>(IServiceCollection services)
        where TOptions : MessagingOptions
    {
        services.AddKeyedSingleton<TimeProvider>(TimeProviderNames.Messaging, this);
        services.Configure<TOptions>(static options => options.DropExpiredMessages = false);
    }

    private sealed record Pace(long From, long Shown, int Slowness)
    {
        public long At(long now) => Shown + ((now - From) / Slowness);
    }
}
