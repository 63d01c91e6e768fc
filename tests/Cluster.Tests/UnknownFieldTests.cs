using ServerSession.Tests.Support;

namespace ServerSession.Tests;

/// <summary>Silos of two versions share a store while a cluster is updated: the older keeps what the newer has stored.</summary>
public class UnknownFieldTests
{
    /// <summary>A stored touch, commit or rotation used to drop the fields of a newer version.</summary>
    [Fact]
    public async Task Row_with_a_field_of_a_newer_version_keeps_it_through_touch_commit_and_rotation()
    {
        byte[] field = [0xF2, 0x1F, 0x03, 7, 8, 9];
        await using var cluster = await SessionCluster.StartAsync();
        var session = await cluster.CreateAsync(null, SessionDriver.Set("a", "1"));
        await cluster.DeactivateAsync(session.Id);
        cluster.WriteRaw(session.GrainId, [.. cluster.Store.RowsOf("session")[session.GrainId], .. field]);

        var before = cluster.Store.Writes;
        cluster.Clock.Advance(SessionTerms.Default.IdleTimeout / 2);
        Assert.Equal(SessionOutcome.Opened, (await session.OpenAsync()).Outcome);
        Assert.True(cluster.Store.Writes > before);
        AssertKept("touch");

        Assert.Equal(SessionOutcome.Committed, (await session.SetAsync("b", "2")).Outcome);
        AssertKept("commit");

        Assert.Equal(SessionOutcome.Committed, (await session.RotateAsync()).Outcome);
        AssertKept("rotation");

        void AssertKept(string after) =>
            Assert.True(cluster.Store.RowsOf("session")[session.GrainId].AsSpan().IndexOf(field) >= 0, $"The {after} dropped the field.");
    }
}
