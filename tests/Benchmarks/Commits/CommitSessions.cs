using ServerSession.Core;

namespace ServerSession.Benchmarks.Commits;

/// <summary>Sessions of one durability with one key of 100 bytes, which callers change in turn.</summary>
internal sealed class CommitSessions
{
    private const string Key = "cart";

    private readonly List<(ISessionGrain Grain, VerifierHash Verifier)> _sessions = [];
    private readonly OperationNumbering _numbering = new();
    private long _next;

    public static async Task<CommitSessions> CreateAsync(IGrainFactory grains, SessionDurability durability, int count)
    {
        var made = new CommitSessions();
        for (var i = 0; i < count; i++)
        {
            var grain = grains.GetGrain<ISessionGrain>(SessionId.New().ToGrainKey());
            var verifier = SessionVerifier.New().Hash();
            await grain.CreateAsync(new CreateSession
            {
                Verifier = verifier,
                Terms = new SessionTerms { Durability = durability },
                IssuedAt = TimeProvider.System.GetUtcNow(),
                Changes = [SessionChange.Set(Key, new byte[100])],
                IsIdRegistered = true,
            });
            made._sessions.Add((grain, verifier));
        }

        return made;
    }

    public async Task DestroyAsync()
    {
        foreach (var (grain, verifier) in _sessions)
        {
            await grain.DestroyAsync(new DestroySession { Verifier = verifier });
        }
    }

    /// <summary>Commits for a time and returns how often.</summary>
    public async Task<long> CommitAsync(int callers, TimeSpan time)
    {
        var start = TimeProvider.System.GetTimestamp();
        var counts = await Task.WhenAll(Enumerable.Range(0, callers).Select(_ => Task.Run(async () =>
        {
            long count = 0;
            while (TimeProvider.System.GetElapsedTime(start) < time)
            {
                var (grain, verifier) = _sessions[(int)((ulong)Interlocked.Increment(ref _next) % (ulong)_sessions.Count)];
                var operation = _numbering.Begin();
                var reply = await grain.CommitAsync(new CommitSession
                {
                    Verifier = verifier,
                    Operation = operation.Id,
                    FirstUnanswered = operation.FirstUnanswered,
                    IssuedAt = TimeProvider.System.GetUtcNow(),
                    Changes = [SessionChange.Set(Key, new byte[100])],
                });
                _numbering.End(operation.Id.Sequence);
                count += reply.Outcome == SessionOutcome.Committed ? 1 : throw new InvalidOperationException($"A commit ended as {reply.Outcome}.");
            }

            return count;
        })));
        return counts.Sum();
    }
}
