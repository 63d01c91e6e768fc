using ServerSession.Core;

namespace ServerSession.Benchmarks.Micro;

/// <summary>A session with ten keys of 100 bytes, and a number of operations that the grain still remembers.</summary>
internal static class SampleSession
{
    public static readonly DateTimeOffset Now = TimeProvider.System.GetUtcNow();
    public static readonly TimeSpan Window = new SessionGrainOptions().OperationWindow;
    public static readonly VerifierHash Verifier = SessionVerifier.New().Hash();

    private static ulong _sequence;

    public static SessionState WithRemembered(int operations)
    {
        var create = new CreateSession
        {
            Verifier = Verifier,
            Terms = SessionTerms.Default,
            IssuedAt = Now,
            Changes = [.. Enumerable.Range(0, 10).Select(static key => SessionChange.Set($"key-{key}", new byte[100]))],
        };
        var state = SessionRules.Create(create, Now, SessionLimits.Default, Window).Next!;
        for (var i = 0; i < operations; i++)
        {
            state = SessionRules.Commit(state, NewCommit(), Now, Now, SessionLimits.Default, Window).Next!;
        }

        return state;
    }

    public static CommitSession NewCommit() => new()
    {
        Verifier = Verifier,
        Operation = new OperationId(1, ++_sequence),
        IssuedAt = Now,
        Changes = [SessionChange.Set("key-5", new byte[100])],
    };
}
