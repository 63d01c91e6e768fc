using ServerSession.Tests.Support;

namespace ServerSession.Tests;

/// <summary>A silo tells of a replaced token whether it was replaced within the grace: a frontend refuses then, and else treats it as gone.</summary>
public class RotationGraceTests
{
    [Fact]
    public async Task Reply_to_a_stale_token_tells_whether_the_grace_is_over()
    {
        await using var cluster = await SessionCluster.StartAsync(1, static options => options.RotationGrace = TimeSpan.FromSeconds(10));
        var session = await cluster.CreateAsync();
        var old = session.Verifier.Hash();
        Assert.Equal(SessionOutcome.Committed, (await session.RotateAsync()).Outcome);

        await CheckAsync(graceIsOver: false);
        cluster.Clock.Advance(TimeSpan.FromSeconds(11));
        await CheckAsync(graceIsOver: true);

        async Task CheckAsync(bool graceIsOver)
        {
            var expected = (SessionOutcome.Stale, graceIsOver);
            var commit = session.CommitRequest(SessionDriver.Set("quote", "late")) with { Verifier = old };
            foreach (var reply in new[]
            {
                await session.Grain.OpenAsync(old, OpenMode.Touch),
                await session.Grain.CommitAsync(commit),
                await session.Grain.DestroyAsync(new DestroySession { Verifier = old }),
            })
            {
                Assert.Equal(expected, (reply.Outcome, reply.GraceIsOver));
            }
        }
    }
}
