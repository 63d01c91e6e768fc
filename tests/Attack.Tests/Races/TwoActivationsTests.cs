using ServerSession.Tests.Support;

namespace ServerSession.Tests.Races;

/// <summary>
/// Two activations of one session, as two clusters that know nothing of each other make them over one store: whoever wrote last wins, and the
/// other, whose ETag is not the row's any more, acknowledges nothing that it would have to write.
/// </summary>
public class TwoActivationsTests(TwoActivationsTests.Pair pair) : IClassFixture<TwoActivationsTests.Pair>
{
    private static readonly SessionTerms Volatile = SessionTerms.Default with { Durability = SessionDurability.Volatile };
    private static readonly SessionTerms WriteBehind = new() { Durability = SessionDurability.WriteBehind, WriteBehindInterval = TimeSpan.FromHours(1) };

    public enum Operation
    {
        Set,
        Rotate,
        Destroy,
        DestroyByAdministrator,
        Touch,
        Expire,
        BecomeVolatile,
    }

    public enum Winner
    {
        Sets,
        Rotates,
        Destroys,
        DestroysLate,
    }

    public static MatrixTheoryData<Operation, Winner> Cases => new(Enum.GetValues<Operation>(), Enum.GetValues<Winner>());

    [Theory, MemberData(nameof(Cases))]
    public async Task Activation_that_loses_acknowledges_nothing_and_then_does_what_the_row_allows(Operation operation, Winner winner)
    {
        foreach (var terms in new[] { SessionTerms.Default, WriteBehind })
        {
            var session = await pair.First.CreateAsync(terms);
            var loser = pair.Second.Grain(session.Id);
            var verifier = session.Verifier.Hash();
            Assert.Equal(SessionOutcome.Opened, (await loser.OpenAsync(verifier, OpenMode.Peek)).Outcome);
            await WinAsync(winner, session);
            var call = Call(operation, session, loser, verifier);
            var row = Row(session);

            await Attack.UnavailableAsync(call);

            Assert.Equal(row, Row(session));
            var reply = await SessionDriver.RetryAsync(call);
            Assert.Equal(Expected(operation, winner), reply.Outcome);
            if (reply.Outcome is SessionOutcome.Opened or SessionOutcome.Committed)
            {
                Assert.Equal("winner's", SessionDriver.Text(reply, "a"));
            }
        }
    }

    [Theory]
    [InlineData(Winner.Sets)]
    [InlineData(Winner.Rotates)]
    [InlineData(Winner.Destroys)]
    [InlineData(Winner.DestroysLate)]
    public async Task Changes_of_the_loser_that_are_not_stored_change_nothing_of_what_the_winner_wrote(Winner winner)
    {
        var session = await pair.Second.CreateAsync(WriteBehind);
        var token = session.Verifier.Hash();
        await session.SetAsync("b", "loser's");
        var other = new SessionDriver(pair.First, session.Id, WriteBehind);
        await WinAsync(winner, other, token);
        var row = Row(session);

        await pair.Second.DeactivateAsync(session.Id);

        Assert.Equal(row, Row(session));
        var reply = await SessionDriver.RetryAsync(() => session.Grain.OpenAsync(token, OpenMode.Peek));
        Assert.Equal(Expected(Operation.Touch, winner), reply.Outcome);
        if (reply.Outcome == SessionOutcome.Opened)
        {
            Assert.Equal("winner's", SessionDriver.Text(reply, "a"));
            Assert.Null(SessionDriver.Text(reply, "b"));
        }
    }

    [Fact]
    public async Task Increments_through_both_activations_at_once_are_counted_exactly()
    {
        const int Increments = 60;
        var session = await pair.First.CreateAsync();
        var other = pair.Second.Grain(session.Id);

        var replies = await Task.WhenAll(Enumerable.Range(0, Increments).Select(number =>
        {
            var request = session.CommitRequest(SessionChange.Increment("n"));
            return UntilKnownAsync(() => number % 2 == 0 ? session.Grain.CommitAsync(request) : other.CommitAsync(request));
        }));

        Assert.Equal(Enumerable.Range(1, Increments).Select(static number => (long)number), replies.Select(static reply => reply.Results![0].Number).Order());
    }

    [Fact]
    public async Task Row_of_two_volatile_activations_is_that_of_the_first_one_that_stores()
    {
        var session = pair.First.NewSession(Volatile);
        var create = session.CreateRequest(SessionDriver.Set("a", "first"));
        var other = pair.Second.Grain(session.Id);
        await session.Grain.CreateAsync(create);
        await other.CreateAsync(create with { Changes = [SessionDriver.Set("a", "second")] });
        await session.Grain.CommitAsync(session.CommitRequest() with { NewTerms = SessionTerms.Default });
        var row = Row(session);
        var store = session.CommitRequest(SessionDriver.Set("b", "second")) with { NewTerms = SessionTerms.Default };

        await Attack.UnavailableAsync(() => other.CommitAsync(store));

        Assert.Equal(row, Row(session));
        var reply = await SessionDriver.RetryAsync(() => other.CommitAsync(store));
        Assert.Equal("first", SessionDriver.Text(reply, "a"));
        Assert.Equal("second", SessionDriver.Text(reply, "b"));
    }

    /// <summary>Writes the row, so that whoever knew it before does not know it any more.</summary>
    private async Task WinAsync(Winner winner, SessionDriver session, VerifierHash? token = null)
    {
        var verifier = token ?? session.Verifier.Hash();
        var commit = session.CommitRequest(SessionDriver.Set("a", "winner's")) with { Verifier = verifier };
        switch (winner)
        {
            case Winner.Sets:
                await session.Grain.CommitAsync(commit);
                break;
            case Winner.Rotates:
                await session.Grain.CommitAsync(commit with { NewVerifier = SessionVerifier.New().Hash() });
                break;
            default:
                pair.First.Clock.Advance(winner == Winner.DestroysLate ? TimeSpan.FromSeconds(31) : TimeSpan.Zero);
                Assert.Equal(SessionOutcome.Destroyed, (await session.Grain.DestroyAsync(new DestroySession { Verifier = verifier })).Outcome);
                break;
        }

        await pair.First.DeactivateAsync(session.Id);
        Assert.Equal(winner == Winner.DestroysLate, Row(session) is null);
    }

    private Func<ValueTask<SessionReply>> Call(Operation operation, SessionDriver session, ISessionGrain loser, VerifierHash verifier)
    {
        var commit = session.CommitRequest(operation == Operation.Rotate ? [] : [SessionDriver.Set("b", "loser's")]) with { Verifier = verifier };
        switch (operation)
        {
            case Operation.Set:
                return () => loser.CommitAsync(commit);
            case Operation.Rotate:
                commit = commit with { NewVerifier = SessionVerifier.New().Hash() };
                return () => loser.CommitAsync(commit);
            case Operation.BecomeVolatile:
                commit = commit with { NewTerms = Volatile };
                return () => loser.CommitAsync(commit);
            case Operation.Destroy:
                return () => loser.DestroyAsync(new DestroySession { Verifier = verifier });
            case Operation.DestroyByAdministrator:
                return () => loser.DestroyAsync(new DestroySession());
            case Operation.Touch:
                pair.First.Clock.Advance(SessionTerms.Default.IdleTimeout / 2);
                return () => loser.OpenAsync(verifier, OpenMode.Touch);
            default:
                pair.First.Clock.Advance(SessionTerms.Default.IdleTimeout);
                return () => loser.OpenAsync(verifier, OpenMode.Peek);
        }
    }

    private static SessionOutcome Expected(Operation operation, Winner winner) => (operation, winner) switch
    {
        (Operation.Expire, _) or (_, Winner.Destroys or Winner.DestroysLate) => SessionOutcome.Gone,
        (Operation.DestroyByAdministrator, _) => SessionOutcome.Destroyed,
        (_, Winner.Rotates) => SessionOutcome.Stale,
        (Operation.Destroy, _) => SessionOutcome.Destroyed,
        (Operation.Touch, _) => SessionOutcome.Opened,
        _ => SessionOutcome.Committed,
    };

    private byte[]? Row(SessionDriver session) => pair.First.Store.RowsOf("session").GetValueOrDefault(session.GrainId);

    /// <summary>Asks again at once: the activations lose alternately.</summary>
    private static async Task<SessionReply> UntilKnownAsync(Func<ValueTask<SessionReply>> call)
    {
        while (true)
        {
            try
            {
                return await call();
            }
            catch (Exception exception) when (exception is SessionUnavailableException or OrleansException)
            {
                await Task.Yield();
            }
        }
    }

    /// <summary>Two clusters over one store.</summary>
    public sealed class Pair : IAsyncLifetime
    {
        private SessionCluster? _first;
        private SessionCluster? _second;

        public SessionCluster First => _first!;

        public SessionCluster Second => _second!;

        public async ValueTask InitializeAsync()
        {
            _first = await SessionCluster.StartAsync();
            _second = await SessionCluster.StartAsync(sharing: _first);
        }

        public async ValueTask DisposeAsync()
        {
            if (_second is not null)
            {
                await _second.DisposeAsync();
            }

            if (_first is not null)
            {
                await _first.DisposeAsync();
            }
        }
    }
}
