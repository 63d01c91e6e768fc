namespace ServerSession.Tests;

/// <summary>The cluster as a store sees it: grains and a local table that answer, fail and hang as they are told.</summary>
internal static class GrainStoreFakes
{
    public sealed class FakeGrain : ISessionGrain
    {
        public Queue<Exception> Failures { get; set; } = new();

        public SessionOutcome Outcome { get; set; } = SessionOutcome.Committed;

        public Task Hang { get; set; } = Task.CompletedTask;

        /// <summary>How much time passes in each attempt.</summary>
        public TimeSpan Takes { get; set; }

        /// <summary>The attempt from which on none is answered.</summary>
        public int HangsFrom { get; set; } = int.MaxValue;

        public TestClock? Time { get; set; }

        public List<object> Requests { get; } = [];

        public ValueTask<SessionReply> CreateAsync(CreateSession request) => Answer(request);

        public ValueTask<SessionReply> OpenAsync(VerifierHash verifier, OpenMode mode) => Answer(mode);

        public Action<CommitSession>? OnCommit { get; set; }

        public ValueTask<SessionReply> CommitAsync(CommitSession request)
        {
            OnCommit?.Invoke(request);
            return Answer(request);
        }

        public ValueTask<SessionReply> DestroyAsync(DestroySession request) => Answer(request);

        public ValueTask<WatchReply> WatchAsync(WatchSession request) => throw new NotSupportedException();

        public ValueTask<ExpiryReply> ExpireIfDueAsync() => throw new NotSupportedException();

        private async ValueTask<SessionReply> Answer(object request)
        {
            Requests.Add(request);
            await (Requests.Count < HangsFrom ? Hang : new TaskCompletionSource().Task);
            Time!.Advance(Takes);

            return Failures.TryDequeue(out var failure) ? throw failure : SessionReply.Of(Outcome);
        }
    }

    /// <summary>Answers as it is told, null being a time-out, and then hangs.</summary>
    public sealed class FakeKeys : ISigningKeyGrain
    {
        public Queue<TokenSigningKeyRing?> Answers { get; init; } = new();

        public ValueTask<TokenSigningKeyRing> GetAsync() => Answers.TryDequeue(out var ring)
            ? ring is null ? throw new TimeoutException() : new(ring)
            : new(new TaskCompletionSource<TokenSigningKeyRing>().Task);
    }

    public sealed class FakeLocal : ILocalSessions
    {
        public bool Hang { get; set; }

        public TimeSpan LongestCommit { get; set; } = TimeSpan.FromSeconds(3);

        public List<CommitSession> Commits { get; } = [];

        public bool TryOpen(SessionId id, VerifierHash verifier, OpenMode mode, out SessionReply reply)
        {
            reply = default;
            return false;
        }

        public bool TryCommit(SessionId id, CommitSession request, out ValueTask<SessionReply> reply)
        {
            Commits.Add(request);
            reply = Hang ? new(new TaskCompletionSource<SessionReply>().Task) : new(SessionReply.Of(SessionOutcome.Committed));
            return true;
        }
    }
}
