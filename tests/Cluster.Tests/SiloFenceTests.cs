using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using Orleans.Configuration;
using ServerSession.Tests.Support;

namespace ServerSession.Tests;

/// <summary>A silo that was paused or cut off does not answer for sessions it may no longer own.</summary>
public class SiloFenceTests
{
    [Fact]
    public async Task Open_when_the_silo_was_paused_longer_than_the_fence_age_is_unavailable_until_it_looked_again()
    {
        var steady = new FakeTimeProvider();
        await using var cluster = await SessionCluster.StartAsync(1, null, silo => silo.Services.AddSingleton(services =>
            new SessionClock(services.GetRequiredService<SessionCluster.SharedClock>().Time) { Monotonic = steady }));
        var session = await cluster.CreateAsync(null, SessionDriver.Set("quote", "q"));
        var table = cluster.Membership(0);

        table.Fail = true;
        steady.Advance(TimeSpan.FromSeconds(10));
        await Assert.ThrowsAsync<SessionUnavailableException>(async () => await session.OpenAsync());
        await Assert.ThrowsAsync<SessionUnavailableException>(async () => await session.SetAsync("quote", "new"));
        await Assert.ThrowsAsync<SessionUnavailableException>(async () => await session.DestroyAsync());
        await Assert.ThrowsAsync<SessionUnavailableException>(async () => await cluster.NewSession().CreateAsync());

        table.Fail = false;
        await SessionCluster.UntilAsync(async () =>
        {
            steady.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
            return cluster.Fence(0).IsFresh;
        }, "the fence is fresh again");
        Assert.Equal("q", await session.ReadAsync("quote"));
    }

    [Fact]
    public void Fence_before_the_first_look_is_not_fresh()
    {
        using var fence = new SiloFence(
            new FaultyMembershipTable(null!),
            new LocalSilo(),
            new SessionClock(TimeProvider.System),
            Options.Create(new SessionGrainOptions()),
            Options.Create(new ClusterMembershipOptions()),
            NullLogger<SiloFence>.Instance);

        Assert.False(fence.IsFresh);
        Assert.Throws<SessionUnavailableException>(fence.ThrowIfStale);
    }

    [Fact]
    public void Fence_age_by_default_is_shorter_than_the_time_to_declare_a_silo_dead()
    {
        var membership = new ClusterMembershipOptions { ProbeTimeout = TimeSpan.FromSeconds(2), NumMissedProbesLimit = 3 };

        Assert.Equal(TimeSpan.FromSeconds(3), FailureDetection.ShortestDeathTime(membership));
    }

    private sealed class LocalSilo : ILocalSiloDetails
    {
        public string Name => "silo";

        public string ClusterId => "cluster";

        public string DnsHostName => "localhost";

        public SiloAddress SiloAddress => SiloAddress.Zero;

        public SiloAddress GatewayAddress => SiloAddress.Zero;
    }
}
