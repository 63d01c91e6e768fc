using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using ServerSession.Tests.Storage;
using ServerSession.Tests.Support;

namespace ServerSession.Tests;

/// <summary>Local reads, without a call: they keep the guarantees that the grain keeps, whatever the grain does meanwhile.</summary>
public class LocalReadTests
{
    public static TheoryData<SessionDurability> Durabilities => [SessionDurability.Volatile, SessionDurability.WriteBehind, SessionDurability.WriteThrough];

    [Theory]
    [MemberData(nameof(Durabilities))]
    public async Task Commit_that_was_acknowledged_is_what_the_next_local_read_finds(SessionDurability durability)
    {
        await using var cluster = await SessionCluster.StartAsync();
        var session = await PublishedAsync(cluster, durability);

        await session.SetAsync("quote", "second");

        Assert.Equal("second", Quote(cluster, session));
    }

    [Fact]
    public async Task Token_that_was_rotated_opens_nothing_locally_and_the_new_one_does()
    {
        await using var cluster = await SessionCluster.StartAsync();
        var session = await PublishedAsync(cluster, SessionDurability.WriteThrough);
        var old = session.Verifier;

        await session.RotateAsync();

        Assert.False(Local(cluster).TryOpen(session.Id, old.Hash(), OpenMode.Peek, out _));
        Assert.Equal("first", Quote(cluster, session));
    }

    [Theory]
    [MemberData(nameof(Durabilities))]
    public async Task Session_that_was_destroyed_is_not_read_locally(SessionDurability durability)
    {
        await using var cluster = await SessionCluster.StartAsync();
        var session = await PublishedAsync(cluster, durability);

        await session.DestroyAsync();

        Assert.Null(Quote(cluster, session));
    }

    [Theory]
    [MemberData(nameof(Durabilities))]
    public async Task Session_that_expired_is_not_read_locally_before_any_timer_ran(SessionDurability durability)
    {
        await using var cluster = await SessionCluster.StartAsync();
        var session = await PublishedAsync(cluster, durability);

        cluster.Clock.Advance(SessionTermsOf(durability).IdleTimeout);

        Assert.Null(Quote(cluster, session));
    }

    [Fact]
    public async Task Fence_that_is_stale_stops_local_reads()
    {
        var steady = new FakeTimeProvider();
        await using var cluster = await SessionCluster.StartAsync(
            1, null, silo => silo.Services.AddSingleton(services => new SessionClock(services.GetRequiredService<SessionCluster.SharedClock>().Time) { Monotonic = steady }));
        var session = await PublishedAsync(cluster, SessionDurability.WriteThrough);

        cluster.Membership(0).Fail = true;
        steady.Advance(TimeSpan.FromSeconds(10));

        Assert.Null(Quote(cluster, session));
    }

    [Fact]
    public async Task Write_in_doubt_stops_local_reads()
    {
        await using var cluster = await SessionCluster.StartAsync();
        var session = await PublishedAsync(cluster, SessionDurability.WriteThrough);
        cluster.Store.LoseReply(StorageOperationKind.Write);

        await Attack.UnavailableAsync(() => session.Grain.CommitAsync(session.CommitRequest(SessionDriver.Set("quote", "doubtful"))));

        Assert.Null(Quote(cluster, session));
    }

    [Fact]
    public async Task Access_by_a_local_read_moves_the_deadline_that_the_grain_keeps()
    {
        await using var cluster = await SessionCluster.StartAsync();
        var session = await PublishedAsync(cluster, SessionDurability.WriteThrough);
        cluster.Clock.Advance(TimeSpan.FromMinutes(1));
        Assert.True(Local(cluster).TryOpen(session.Id, session.Verifier.Hash(), OpenMode.Touch, out var local));

        var reply = await session.OpenAsync(OpenMode.Peek);

        Assert.Equal(local.ExpiresAt, reply.ExpiresAt);
    }

    [Fact]
    public async Task Touch_that_has_to_be_stored_is_left_to_the_grain()
    {
        await using var cluster = await SessionCluster.StartAsync();
        var session = await PublishedAsync(cluster, SessionDurability.WriteThrough);

        cluster.Clock.Advance(SessionTermsOf(SessionDurability.WriteThrough).IdleTimeout / 2);

        Assert.Null(Quote(cluster, session));
        await session.OpenAsync();
        Assert.Equal("first", Quote(cluster, session));
    }

    [Fact]
    public async Task Session_that_was_deactivated_leaves_no_entry()
    {
        await using var cluster = await SessionCluster.StartAsync();
        var session = await PublishedAsync(cluster, SessionDurability.WriteThrough);
        var table = cluster.Silos[0].ServiceProvider.GetRequiredService<LocalSessions>();
        Assert.Equal(1, table.Count);

        await session.DestroyAsync();
        cluster.Clock.Advance(TimeSpan.FromMinutes(2));
        await session.Grain.ExpireIfDueAsync();

        await SessionCluster.UntilAsync(() => Task.FromResult(table.Count == 0), "the entry is gone");
    }

    [Theory]
    [MemberData(nameof(Durabilities))]
    public async Task Reader_beside_a_writer_never_sees_less_than_was_acknowledged(SessionDurability durability)
    {
        const int Writes = 300;
        await using var cluster = await SessionCluster.StartAsync();
        var session = await PublishedAsync(cluster, durability);
        var verifier = session.Verifier.Hash();
        var acknowledged = 1L;
        var writing = true;
        var local = 0;
        var reader = OwnThread.RunAsync(() =>
        {
            while (Volatile.Read(ref writing))
            {
                var least = Volatile.Read(ref acknowledged);
                if (Local(cluster).TryOpen(session.Id, verifier, OpenMode.Touch, out var reply))
                {
                    local++;
                    Assert.True(reply.Snapshot!.Version >= least, $"Version {reply.Snapshot.Version} was read after {least} had been acknowledged.");
                }
            }
        });

        for (var write = 0; write < Writes; write++)
        {
            var reply = await session.SetAsync("quote", $"{write}");
            Volatile.Write(ref acknowledged, reply.Snapshot!.Version);
        }

        Volatile.Write(ref writing, false);
        await reader;
        Assert.True(local > 0);
    }

    private static ILocalSessions Local(SessionCluster cluster) => cluster.Silos[0].ServiceProvider.GetRequiredService<ILocalSessions>();

    private static SessionTerms SessionTermsOf(SessionDurability durability) => new() { Durability = durability };

    /// <summary>A session that local reads find: somebody reads here, and the grain was asked once.</summary>
    private static async Task<SessionDriver> PublishedAsync(SessionCluster cluster, SessionDurability durability)
    {
        var session = await cluster.CreateAsync(SessionTermsOf(durability), SessionDriver.Set("quote", "first"));
        Assert.Null(Quote(cluster, session));
        await session.OpenAsync();
        Assert.Equal("first", Quote(cluster, session));
        return session;
    }

    private static string? Quote(SessionCluster cluster, SessionDriver session) =>
        Local(cluster).TryOpen(session.Id, session.Verifier.Hash(), OpenMode.Peek, out var reply) && reply.Snapshot!.Data.TryGetValue("quote", out var value)
            ? Encoding.UTF8.GetString(value.Bytes.Span)
            : null;
}
