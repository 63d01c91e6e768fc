namespace ServerSession.Tests.Stores;

/// <summary>Opens: who has the token reads what was last acknowledged, until the deadline.</summary>
public abstract class OpenConformance : CreateConformance
{
    private static readonly TimeSpan Idle = TimeSpan.FromMinutes(20);

    [Fact]
    public async Task Open_of_an_unknown_id_is_gone() => await NewSession().AssertGoneAsync();

    [Fact]
    public async Task Open_with_another_verifier_is_stale_and_tells_nothing()
    {
        var session = await CreateAsync(SessionChange.Set("a", Bytes("1")));

        var reply = await session.OpenAsync(SessionVerifier.New().Hash());

        Assert.Equal((SessionOutcome.Stale, null), (reply.Outcome, reply.Snapshot));
    }

    [Fact]
    public async Task Open_extends_the_session_and_a_peek_does_not()
    {
        var session = await CreateAsync();
        var created = Time.GetUtcNow();
        await AdvanceAsync(TimeSpan.FromMinutes(5));

        Assert.Equal(created + Idle, (await session.OpenAsync(OpenMode.Peek)).ExpiresAt);
        Assert.Equal(Time.GetUtcNow() + Idle, (await session.OpenAsync()).ExpiresAt);
        Assert.Equal(Time.GetUtcNow() + Idle, (await session.OpenAsync(OpenMode.Peek)).ExpiresAt);
    }

    [Fact]
    public async Task Open_with_another_verifier_does_not_extend_the_session()
    {
        var session = await CreateAsync();
        var deadline = Time.GetUtcNow() + Idle;
        await AdvanceAsync(TimeSpan.FromMinutes(5));

        await session.OpenAsync(SessionVerifier.New().Hash());

        Assert.Equal(deadline, (await session.OpenAsync(OpenMode.Peek)).ExpiresAt);
    }

    [Fact]
    public async Task Open_after_the_idle_timeout_is_gone()
    {
        var session = await CreateAsync();

        await AdvanceAsync(Idle);

        await session.AssertGoneAsync();
        Assert.Equal(SessionOutcome.Gone, (await session.OpenAsync()).Outcome);
    }

    [Fact]
    public async Task Open_after_the_absolute_lifetime_is_gone_however_often_the_session_was_used()
    {
        var session = await CreateAsync();
        for (var quarter = 1; quarter < 8; quarter++)
        {
            await AdvanceAsync(TimeSpan.FromMinutes(15));
            Assert.Equal(SessionOutcome.Opened, (await session.OpenAsync()).Outcome);
        }

        await AdvanceAsync(TimeSpan.FromMinutes(15));

        await session.AssertGoneAsync();
    }

    [Fact]
    public async Task Snapshot_that_was_given_does_not_change_with_the_session()
    {
        var session = await CreateAsync(SessionChange.Set("a", Bytes("1")));
        var before = (await session.OpenAsync()).Snapshot!;

        await session.CommitAsync(SessionChange.Set("a", Bytes("2")), SessionChange.Set("b", Bytes("3")));

        StoredSession.AssertHas(before, ("a", "1"));
        var after = (await session.OpenAsync()).Snapshot!;
        Assert.True(after.Version > before.Version);
        Assert.Equal(before.CreatedAt, after.CreatedAt);
    }
}
