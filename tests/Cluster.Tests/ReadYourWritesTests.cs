using ServerSession.Tests.Support;

namespace ServerSession.Tests;

/// <summary>Read your writes: an acknowledged change is seen by every later open.</summary>
public class ReadYourWritesTests
{
    [Theory]
    [InlineData(1, SessionDurability.WriteThrough)]
    [InlineData(1, SessionDurability.WriteBehind)]
    [InlineData(1, SessionDurability.Volatile)]
    [InlineData(3, SessionDurability.WriteThrough)]
    [InlineData(3, SessionDurability.WriteBehind)]
    [InlineData(3, SessionDurability.Volatile)]
    public async Task Commit_acknowledged_is_seen_by_the_next_open(short silos, SessionDurability durability)
    {
        await using var cluster = await SessionCluster.StartAsync(silos);
        for (var index = 0; index < 10; index++)
        {
            var session = await cluster.CreateAsync(new SessionTerms { Durability = durability }, SessionDriver.Set("quote", "first"));
            Assert.Equal("first", await session.ReadAsync("quote"));

            var reply = await session.SetAsync("quote", "second");

            Assert.Equal(SessionOutcome.Committed, reply.Outcome);
            Assert.Equal("second", await session.ReadAsync("quote"));
            Assert.Equal(2, (await session.OpenAsync()).Snapshot!.Version);
        }
    }

    [Fact]
    public async Task Commit_acknowledged_is_seen_by_a_fresh_activation()
    {
        await using var cluster = await SessionCluster.StartAsync(3);
        var session = await cluster.CreateAsync(null, SessionDriver.Set("quote", "kept"));

        await cluster.DeactivateAsync(session.Id);

        Assert.Equal("kept", await session.ReadAsync("quote"));
    }
}
