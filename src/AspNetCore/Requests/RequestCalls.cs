namespace ServerSession.AspNetCore;

/// <summary>
/// A request's calls to the store, the key ring and the source of ids, within one budget of time. Whatever they throw, but the cancellation that
/// the caller asked for, means that the session cannot be reached.
/// </summary>
internal sealed class RequestCalls(SessionServices services)
{
    /// <summary>An answer within this time takes nothing of what the request may wait for: long requests would run out of it by many good calls.</summary>
    private static readonly TimeSpan Prompt = TimeSpan.FromMilliseconds(50);

    private TimeSpan _waited;

    /// <summary>Whether the request may wait for a repeat.</summary>
    public bool MayRepeat => _waited < services.Options.RetryBudget;

    /// <summary>How long the request waits for its next call.</summary>
    private TimeSpan Patience => _waited == TimeSpan.Zero ? services.Budget
        : services.Budget - _waited > CallBudget.Least ? services.Budget - _waited : CallBudget.Least;

    public ValueTask<SessionReply> OpenAsync(VerifiedToken token, OpenMode mode, TimeSpan maxStaleness, CancellationToken cancellationToken) => SendAsync(
        SessionOperation.Open,
        (services.Store, token, mode, maxStaleness, cancellationToken),
        static call => call.maxStaleness > TimeSpan.Zero && call.Store is GrainSessionStore near
            ? near.OpenAsync(call.token.Id, call.token.Verifier, call.mode, call.maxStaleness, call.cancellationToken)
            : call.Store.OpenAsync(call.token.Id, call.token.Verifier, call.mode, call.cancellationToken),
        boundedByStore: _waited == TimeSpan.Zero,
        cancellationToken);

    /// <summary>
    /// Until when a create that is sent now is accepted. One that binds is given up after the time of one call, because the next attempt waits for that.
    /// </summary>
    public DateTimeOffset CreateNotAfter(bool binds) =>
        services.Time.GetUtcNow() + (binds && CallBudget.CallTimeout < Patience ? CallBudget.CallTimeout : Patience);

    /// <summary>Creates a session under a fresh id, once.</summary>
    public ValueTask<SessionReply> CreateAsync(
        SessionIdLease lease, VerifiedToken token, SessionChange[] changes, SessionTerms? terms, SubjectChange? subject, DateTimeOffset notAfter)
    {
        var request = new CreateSession
        {
            Verifier = token.Verifier,
            Terms = terms ?? services.Terms,
            IssuedAt = services.Time.GetUtcNow(),
            NotAfter = notAfter,
            Changes = changes,
            Subject = subject,
            IsIdRegistered = lease.IsRegistered(services.Time),
        };
        return SendAsync(
            SessionOperation.Create,
            (services.Store, token.Id, request),
            static call => call.Store.CreateAsync(call.Id, call.request, CancellationToken.None),
            boundedByStore: true,
            CancellationToken.None);
    }

    /// <summary>Commits. A committed change must not depend on the client still being there: no cancellation.</summary>
    /// <param name="token">The session's present token.</param>
    /// <param name="changes">The changes, in order.</param>
    /// <param name="terms">The session's new terms; null leaves them.</param>
    /// <param name="next">The token that replaces the present one; null leaves it.</param>
    /// <param name="wantSnapshot">Whether the answer carries the session as committed.</param>
    /// <param name="isTouch">Whether the commit counts as an access.</param>
    /// <param name="subject">The session's user; null leaves it.</param>
    public ValueTask<SessionReply> CommitAsync(
        VerifiedToken token, SessionChange[] changes, SessionTerms? terms, VerifiedToken? next, bool wantSnapshot, bool isTouch, SubjectChange? subject)
    {
        var now = services.Time.GetUtcNow();
        var operation = services.Operations.Begin();
        var request = new CommitSession
        {
            Verifier = token.Verifier,
            Operation = operation.Id,
            FirstUnanswered = operation.FirstUnanswered,
            IssuedAt = now,
            NotAfter = now + Patience,
            Changes = changes,
            NewVerifier = next?.Verifier,
            NewTerms = terms,
            Subject = subject,
            WantSnapshot = wantSnapshot,
            Touch = isTouch,
        };
        return SendAsync(
            next is null ? SessionOperation.Commit : SessionOperation.Rotate,
            (services.Store, token.Id, request),
            static call => call.Store.CommitAsync(call.Id, call.request, CancellationToken.None),
            boundedByStore: true,
            CancellationToken.None,
            number: operation.Id.Sequence);
    }

    public ValueTask<SessionReply> DestroyAsync(VerifiedToken token) => SendAsync(
        SessionOperation.Destroy,
        (services.Store, token.Id, Request: new DestroySession { Verifier = token.Verifier, NotAfter = services.Time.GetUtcNow() + Patience }),
        static call => call.Store.DestroyAsync(call.Id, call.Request, CancellationToken.None),
        boundedByStore: true,
        CancellationToken.None);

    /// <summary>The key ring. It is read for all requests at once, so each waits as long as it may.</summary>
    /// <param name="read">Reads the ring, or joins a read that is under way.</param>
    public ValueTask<TokenSigningKeyRing> ReadKeysAsync(Func<SigningKeyRingProvider, ValueTask<TokenSigningKeyRing>> read)
    {
        var joins = services.Keys.IsReading;
        var ring = read(services.Keys);
        return ring.IsCompletedSuccessfully ? ring : ReadKeysAsync(ring, joins ? read : null);
    }

    /// <summary>A fresh id; where none is at hand it is fetched for all requests at once, so each waits as long as it may.</summary>
    public ValueTask<SessionIdLease> TakeIdAsync() => AwaitAsync(services.Ids.TakeAsync(), "The cluster gives no session ids now.");

    /// <summary>The pause before a repeat.</summary>
    public async Task PauseAsync(int attempt)
    {
        await WaitAsync(CallBudget.PauseAfter(attempt, services.Budget - _waited));
        services.Metrics.Retry();
    }

    /// <summary>Waits for a moment that is no further away than a call takes.</summary>
    public Task WaitUntilAsync(DateTimeOffset moment)
    {
        var rest = moment - services.Time.GetUtcNow();
        return rest > TimeSpan.Zero ? WaitAsync(CallBudget.WholeMilliseconds(rest)) : Task.CompletedTask;
    }

    private async Task WaitAsync(TimeSpan time)
    {
        await Task.Delay(time, services.Time);
        _waited += time;
    }

    /// <param name="operation">The operation, for the metrics.</param>
    /// <param name="call">What the call works on.</param>
    /// <param name="send">Makes the call; may throw at once.</param>
    /// <param name="boundedByStore">Whether the store ends the call in time by itself.</param>
    /// <param name="cancellationToken">What cancelled it is no failure of the store.</param>
    /// <param name="number">The number of a commit, which nobody waits for when the call has ended; zero for other calls.</param>
    private async ValueTask<SessionReply> SendAsync<TCall>(
        SessionOperation operation, TCall call, Func<TCall, ValueTask<SessionReply>> send, bool boundedByStore, CancellationToken cancellationToken, ulong number = 0)
    {
        var startedAt = services.Time.GetTimestamp();
        var outcome = SessionOutcome.None;
        try
        {
            var sent = send(call);
            var reply = boundedByStore || sent.IsCompleted ? await sent : await sent.AsTask().WaitAsync(Patience, services.Time, CancellationToken.None);
            outcome = reply.Outcome;
            return reply;
        }
        catch (Exception exception) when (exception is not SessionUnavailableException && !cancellationToken.IsCancellationRequested)
        {
            throw SessionReplies.Unavailable(exception);
        }
        finally
        {
            if (number != 0)
            {
                services.Operations.End(number);
            }

            Waited(startedAt);
            services.Metrics.Operation(operation, outcome, startedAt);
        }
    }

    private async ValueTask<TokenSigningKeyRing> ReadKeysAsync(
        ValueTask<TokenSigningKeyRing> ring, Func<SigningKeyRingProvider, ValueTask<TokenSigningKeyRing>>? next)
    {
        const string Failure = "The cluster's signing keys cannot be read now.";
        try
        {
            return await AwaitAsync(ring, Failure);
        }
        catch (SessionUnavailableException) when (next is not null && MayRepeat)
        {
            // The read began before the request, so it gave up while the request may still wait. The next one begins now.
            return await AwaitAsync(next(services.Keys), Failure);
        }
    }

    private async ValueTask<T> AwaitAsync<T>(ValueTask<T> call, string failure)
    {
        if (call.IsCompletedSuccessfully)
        {
            return call.Result;
        }

        var startedAt = services.Time.GetTimestamp();
        try
        {
            return await call.AsTask().WaitAsync(Patience, services.Time, CancellationToken.None);
        }
        catch (Exception exception) when (exception is not SessionUnavailableException)
        {
            throw new SessionUnavailableException(failure, exception);
        }
        finally
        {
            Waited(startedAt);
        }
    }

    private void Waited(long startedAt)
    {
        var time = services.Time.GetElapsedTime(startedAt);
        if (time > Prompt)
        {
            _waited += time;
        }
    }
}
