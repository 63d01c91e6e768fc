using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;

namespace ServerSession.Tests.Support;

/// <summary>Gives every silo a separate clock, ahead of or behind the cluster's by as much as the test says.</summary>
public sealed class SiloClocks
{
    private readonly ConcurrentDictionary<SiloAddress, OffsetClock> _clocks = new();

    public TimeSpan this[SiloAddress silo]
    {
        get => _clocks[silo].Offset;
        set => _clocks[silo].Offset = value;
    }

    /// <summary>Sets all silos' clocks: whichever owns a session next has this one.</summary>
    public void SetAll(TimeSpan offset)
    {
        foreach (var clock in _clocks.Values)
        {
            clock.Offset = offset;
        }
    }

    public void Configure(ISiloBuilder silo) => silo.Services.AddSingleton(services =>
    {
        var clock = new OffsetClock(services.GetRequiredService<SessionCluster.SharedClock>().Time);
        _clocks[services.GetRequiredService<ILocalSiloDetails>().SiloAddress] = clock;
        return new SessionClock(clock);
    });

    private sealed class OffsetClock(TimeProvider inner) : TimeProvider
    {
        public TimeSpan Offset { get; set; }

        public override DateTimeOffset GetUtcNow() => inner.GetUtcNow() + Offset;
    }
}
