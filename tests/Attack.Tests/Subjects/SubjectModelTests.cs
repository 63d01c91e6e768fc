using ServerSession.Tests.Model;
using ServerSession.Tests.Storage;
using ServerSession.Tests.Support;

namespace ServerSession.Tests.Subjects;

/// <summary>
/// Random histories of users: sign-ins, rotations, sign-outs, ends, expiries, activations that go, silos that die, replies of the storage that are lost.
/// The checker knows which sessions must live and which must not: a list has at least the first, and nothing opens the second.
/// SERVERSESSION_MODEL_CASES sets how many histories are played: one for each 150 of its cases, two by default. A failure names its seed.
/// </summary>
public class SubjectModelTests
{
    private const int Users = 3;
    private const int Steps = 120;
    private const int CasesPerHistory = 150;

    private static readonly SessionTerms Terms = new() { IdleTimeout = TimeSpan.FromMinutes(20), AbsoluteLifetime = TimeSpan.FromHours(3) };

    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, Math.Max(1, ModelFixture.Cases / CasesPerHistory))];

    [Theory]
    [MemberData(nameof(Seeds))]
    public async Task Random_histories_keep_the_list_complete_and_the_ended_dead(int seed)
    {
        await using var cluster = await SessionCluster.StartAsync(3);
        var history = new History(cluster, new Random(seed));
        try
        {
            for (var step = 0; step < Steps; step++)
            {
                await history.StepAsync();
            }

            await history.FinishAsync();
        }
        catch (Exception exception)
        {
            throw new InvalidOperationException($"Seed {seed}: {history}", exception);
        }
    }

    private sealed class Known(SessionDriver session)
    {
        public SessionDriver Session => session;

        public int? User { get; set; }

        /// <summary>Whether its end was acknowledged.</summary>
        public bool IsDead { get; set; }

        /// <summary>Whether an answer was lost, so that it is not known whether it lives.</summary>
        public bool IsUnknown { get; set; }

        public DateTimeOffset LastAccess { get; set; }
    }

    private sealed class History
    {
        private readonly SessionCluster _cluster;
        private readonly Random _random;
        private readonly SubjectDriver[] _users;
        private readonly List<Known> _sessions = [];
        private readonly List<string> _log = [];
        private int _kills;
        private int _lose;

        public History(SessionCluster cluster, Random random)
        {
            _cluster = cluster;
            _random = random;
            _users = [.. Enumerable.Range(0, Users).Select(_ => new SubjectDriver(cluster))];
            cluster.Store.AfterAsync = operation => operation.Kind != StorageOperationKind.Read && Interlocked.Exchange(ref _lose, 0) == 1
                ? throw new IOException("The reply is lost.")
                : ValueTask.CompletedTask;
        }

        public override string ToString() => string.Join("; ", _log);

        public async Task StepAsync()
        {
            var user = _random.Next(Users);
            var known = _sessions.Count == 0 ? null : _sessions[_random.Next(_sessions.Count)];
            _log.Add($"{_log.Count}");
            if (_random.Next(6) == 0)
            {
                _log[^1] += " loses a reply";
                Volatile.Write(ref _lose, 1);
            }

            switch (_random.Next(14))
            {
                case 0 or 1 or 2 or 3:
                    await SignInAsync(user);
                    break;
                case 4:
                    await Task.WhenAll(SignInAsync(user), SignInAsync(user), EndAllAsync(user));
                    break;
                case 5 when known is not null:
                    _log[^1] += " destroy";
                    await TryAsync(known, async () => known.IsDead |= (await known.Session.DestroyAsync()).Outcome is SessionOutcome.Destroyed or SessionOutcome.Gone);
                    break;
                case 6 when known is { IsDead: false, IsUnknown: false }:
                    _log[^1] += " rotate";
                    await TryAsync(known, async () => Note(known, await known.Session.RotateAsync()));
                    break;
                case 7 when known is { IsDead: false, IsUnknown: false, User: not null }:
                    _log[^1] += " unbind";
                    await TryAsync(known, async () =>
                    {
                        if (Note(known, await known.Session.BindAsync(SubjectChange.Unbind)))
                        {
                            known.User = null;
                        }
                    });
                    break;
                case 8:
                    _log[^1] += " time passes";
                    _cluster.Clock.Advance(TimeSpan.FromMinutes(_random.Next(1, 6)));
                    break;
                case 9 when known is not null:
                    _log[^1] += " deactivate";
                    await _cluster.DeactivateAsync(known.Session.Id);
                    break;
                case 10 when _kills < 2 && _sessions.Count > 5:
                    _log[^1] += " kill";
                    _kills++;
                    await _cluster.KillAsync(_cluster.Silos[^1]);
                    await _cluster.Inner.StartAdditionalSiloAsync();
                    break;
                case 11:
                    await EndAllAsync(user);
                    break;
                default:
                    _log[^1] += " use";
                    foreach (var used in _sessions.Where(static session => !session.IsDead).ToArray())
                    {
                        await LookAsync(used);
                    }

                    break;
            }

            await CheckAsync(user);
        }

        /// <summary>Ends everything: then nothing of a list is left.</summary>
        public async Task FinishAsync()
        {
            for (var user = 0; user < Users; user++)
            {
                await EndAllAsync(user);
                Assert.Empty(await _users[user].ListAsync());
            }

            foreach (var known in _sessions.Where(static session => session.User is not null))
            {
                // Where the answer to the bind was lost, the session may live without its user.
                var reply = await known.Session.OpenWithRetriesAsync();
                Assert.False(reply.Outcome == SessionOutcome.Opened && (reply.IsBound || !known.IsUnknown), $"{known.Session.Id} was ended, and lives.");
            }

            Assert.Equal(0, _users[0].Rows);
        }

        private async Task SignInAsync(int user)
        {
            _log[^1] += $" sign-in {user}";
            var session = _cluster.NewSession(Terms);
            var known = new Known(session) { IsUnknown = true };
            _sessions.Add(known);
            await TryAsync(known, async () =>
            {
                if ((await session.CreateAsync()).Outcome == SessionOutcome.Created)
                {
                    known.User = user;
                    known.IsUnknown = !Note(known, await session.BindAsync(_users[user].Change("device")));
                }
            });
        }

        /// <summary>What was bound before the call began has ended when it returns.</summary>
        private async Task EndAllAsync(int user)
        {
            _log[^1] += $" end all of {user}";
            var before = _sessions.Where(session => session.User == user && !session.IsUnknown).ToArray();
            var others = _sessions.Where(session => session.User == user && session.IsUnknown).ToArray();
            await _users[user].EndAllAsync();
            foreach (var known in before)
            {
                known.IsDead = true;
                Assert.Equal(SessionOutcome.Gone, (await known.Session.OpenWithRetriesAsync()).Outcome);
            }

            foreach (var known in others.Concat(_sessions.Where(session => session.User == user && !session.IsDead)))
            {
                // Bound meanwhile, before or after the end.
                await LookAsync(known);
            }
        }

        private async Task LookAsync(Known known)
        {
            var reply = await known.Session.OpenWithRetriesAsync();
            known.IsDead |= reply.Outcome == SessionOutcome.Gone;
            if (reply.Outcome == SessionOutcome.Opened)
            {
                Assert.False(known.IsDead, $"{known.Session.Id} was ended, and lives.");
                known.LastAccess = _cluster.Clock.GetUtcNow();
                known.IsUnknown = known.User is not null && !reply.IsBound;
            }
        }

        private async Task CheckAsync(int user)
        {
            // A quarter of the idle timeout may be lost with a silo.
            var now = _cluster.Clock.GetUtcNow();
            var mustLive = _sessions
                .Where(known => known.User == user && known is { IsDead: false, IsUnknown: false } && now - known.LastAccess < Terms.IdleTimeout * 0.7)
                .Select(static known => known.Session.Id).ToArray();
            var listed = await _users[user].IdsAsync();
            var stillLive = new List<SessionId>();
            foreach (var id in mustLive.Except(listed))
            {
                var known = _sessions.Single(session => session.Session.Id == id);
                if (await known.Session.OpenWithRetriesAsync() is { Outcome: SessionOutcome.Opened, IsBound: true })
                {
                    stillLive.Add(id);
                }

                known.IsDead = true;
            }

            Assert.Empty(stillLive);
        }

        private bool Note(Known known, SessionReply reply)
        {
            known.LastAccess = _cluster.Clock.GetUtcNow();
            known.IsDead |= reply.Outcome == SessionOutcome.Gone;
            return reply.Outcome == SessionOutcome.Committed;
        }

        /// <summary>An answer that is lost leaves the session unknown: it lives under one of two tokens, or not.</summary>
        private static async Task TryAsync(Known known, Func<Task> act)
        {
            try
            {
                await act();
            }
            catch (Exception exception) when (exception is SessionUnavailableException or TimeoutException or OrleansException)
            {
                known.IsUnknown = true;
            }
        }
    }
}
