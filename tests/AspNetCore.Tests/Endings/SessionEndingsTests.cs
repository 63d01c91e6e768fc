using Microsoft.Extensions.DependencyInjection;

namespace ServerSession.Tests.Endings;

/// <summary>What a frontend asks for when the silo that watched a session for it tells nothing more.</summary>
public sealed class SessionEndingsTests : IDisposable
{
    private static readonly VerifierHash Verifier = SessionVerifier.New().Hash();

    private readonly HookedClock _time = new();
    private readonly WatchedGrains _grains = new();
    private readonly ClusterWatch _watch;
    private readonly ServiceProvider _services;
    private readonly SessionEndings _endings;

    public SessionEndingsTests()
    {
        var calls = GrainStoreTests.CallsOf(new ServerSessionOptions(), _time);
        _watch = new ClusterWatch(_grains.Factory, calls, _time);
        _services = new ServiceCollection().AddSingleton(_watch).BuildServiceProvider();
        _endings = new SessionEndings(new GrainSessionStore(_grains.Factory, calls), _time, new SessionParts(), _services);
    }

    public void Dispose()
    {
        _endings.Dispose();
        _services.Dispose();
    }

    private SessionWatch Acquire() => _endings.Acquire(SessionId.New(), Verifier, _time.GetUtcNow().AddMinutes(20));

    /// <summary>A silo that left while its answer was taken note of once counted as the one that watches: the frontend asked again after a minute.</summary>
    [Fact]
    public void Silo_that_leaves_while_its_answer_is_taken_note_of_makes_the_frontend_ask_again()
    {
        Guid left = Guid.NewGuid(), next = Guid.NewGuid();
        _grains.Watch = (_, _) =>
        {
            if (_grains.CountOf("watch") > 1)
            {
                return new(WatchedGrains.On(next, _time.GetUtcNow().AddMinutes(20)));
            }

            // The first look takes note of the link, the second of the answer.
            _time.OnNextLooks(static () => { }, () => _ = _watch.LeaveAsync(left).AsTask());
            return new(WatchedGrains.On(left, _time.GetUtcNow().AddMinutes(20)));
        };

        var watch = Acquire();

        Assert.True(watch.IsToldOn(next), "The session is not watched.");
        Assert.Equal(2, _grains.CountOf("watch"));
    }

    [Fact]
    public void Session_watched_by_a_silo_that_left_is_asked_for_again_and_others_are_not()
    {
        Guid left = Guid.NewGuid(), stays = Guid.NewGuid();
        _grains.Watch = (_, _) => new(WatchedGrains.On(left, _time.GetUtcNow().AddMinutes(20)));
        var one = Acquire();
        _grains.Watch = (_, _) => new(WatchedGrains.On(stays, _time.GetUtcNow().AddMinutes(20)));
        var other = Acquire();

        _ = _watch.LeaveAsync(left).AsTask();

        Assert.True(one.IsToldOn(stays) && other.IsToldOn(stays));
        Assert.Equal(3, _grains.CountOf("watch"));
    }

    /// <summary>A request that begins to watch its session once waited for all that were asked for again, and could not be reached.</summary>
    [Fact]
    public void Session_that_begins_to_be_watched_does_not_wait_for_those_that_are_asked_for_again()
    {
        var left = Guid.NewGuid();
        _grains.Watch = (_, _) => new(WatchedGrains.On(left, _time.GetUtcNow().AddMinutes(20)));
        for (var session = 0; session < 300; session++)
        {
            Acquire();
        }

        _grains.Watch = static (_, _) => new(new TaskCompletionSource<WatchReply>().Task);
        _ = _watch.LeaveAsync(left).AsTask();
        var asked = _grains.CountOf("watch");
        Acquire();

        Assert.InRange(asked, 301, 599);
        Assert.Equal(asked + 1, _grains.CountOf("watch"));
    }
}
