using Microsoft.Extensions.Options;

namespace ServerSession;

/// <summary>The sessions that tickets live in: each ticket has one of its own, and its key is the token of that session.</summary>
internal sealed class TicketSessions(
    IServerSessionStore store,
    ISessionIdSource ids,
    SigningKeyRingProvider keys,
    SessionEndings endings,
    ServerSessionMetrics metrics,
    IOptions<ServerSessionOptions> options,
    TimeProvider time)
{
    private const int CreateAttempts = 4;

    public DateTimeOffset Now => time.GetUtcNow();

    /// <summary>Reads a key; null where it is none of this cluster.</summary>
    /// <exception cref="SessionUnavailableException">The keys of the cluster are not known, so nobody can say.</exception>
    public async ValueTask<SessionToken?> ParseAsync(string key)
    {
        var ring = keys.Current ?? await keys.GetAsync().ConfigureAwait(false);
        var status = SessionToken.Parse(key, ring, Now, out var token);
        if (status == TokenStatus.UnknownKey)
        {
            ring = await keys.GetForUnknownKeyAsync().ConfigureAwait(false);
            status = SessionToken.Parse(key, ring, Now, out token);
        }

        if (status == TokenStatus.Valid)
        {
            return token;
        }

        metrics.InvalidToken();
        return null;
    }

    /// <summary>Opens a session; null where it is gone.</summary>
    public async ValueTask<SessionReply?> OpenAsync(SessionToken token, OpenMode mode, CancellationToken cancellationToken)
    {
        var began = metrics.Begin();
        var outcome = SessionOutcome.None;
        try
        {
            var reply = await store.OpenAsync(token.Id, token.Verifier.Hash(), mode, cancellationToken).ConfigureAwait(false);
            outcome = reply.Outcome;
            return outcome switch
            {
                SessionOutcome.Opened => reply,
                SessionOutcome.Gone => Ended(token),
                SessionOutcome.Stale => null,
                _ => throw SessionReplies.Refusal(in reply),
            };
        }
        finally
        {
            metrics.Operation(SessionOperation.Open, outcome, began);
        }
    }

    /// <summary>Creates a session; an attempt whose outcome is unknown is abandoned with its id, and its key is never given out.</summary>
    public async ValueTask<(string Key, SessionId Id)> CreateAsync(SessionTerms terms, SessionChange[] changes, SubjectChange? subject)
    {
        var ring = await keys.GetAsync().ConfigureAwait(false);
        var began = time.GetTimestamp();
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                var lease = await ids.TakeAsync().ConfigureAwait(false);
                var token = new SessionToken(lease.Id, SessionVerifier.New());
                var reply = await CreateOnceAsync(lease, token, terms, changes, subject).ConfigureAwait(false);
                switch (reply.Outcome)
                {
                    case SessionOutcome.Created:
                        return (token.Encode(ring.SigningKey(Now)), token.Id);
                    case SessionOutcome.Gone or SessionOutcome.Late when attempt < CreateAttempts:
                        break;
                    default:
                        throw SessionReplies.Refusal(in reply);
                }
            }
            catch (SessionUnavailableException) when (attempt < CreateAttempts && time.GetElapsedTime(began) < options.Value.RetryBudget)
            {
                metrics.Retry();
                await Task.Delay(CallBudget.PauseAfter(attempt, options.Value.RetryBudget), time).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Changes a session; false where it is gone, and then nothing comes back.</summary>
    public async ValueTask<bool> CommitAsync(SessionToken token, SessionChange[] changes, SessionTerms? terms, SubjectChange? subject)
    {
        var began = metrics.Begin();
        var outcome = SessionOutcome.None;
        try
        {
            // Not cancelled on its way: its caller would not know what became of it.
            var reply = await store.CommitAsync(
                token.Id,
                new CommitSession
                {
                    Verifier = token.Verifier.Hash(),
                    Operation = OperationId.New(),
                    IssuedAt = Now,
                    Changes = changes,
                    NewTerms = terms,
                    Subject = subject,
                },
                CancellationToken.None).ConfigureAwait(false);
            outcome = reply.Outcome;
            return outcome switch
            {
                SessionOutcome.Committed => true,
                SessionOutcome.Gone => Ended(token) is not null,
                SessionOutcome.Stale => false,
                _ => throw SessionReplies.Refusal(in reply),
            };
        }
        finally
        {
            metrics.Operation(SessionOperation.Commit, outcome, began);
        }
    }

    /// <summary>Ends a session, whether or not it was there.</summary>
    /// <exception cref="SessionUnavailableException">Whether it ended is unknown.</exception>
    public async ValueTask DestroyAsync(SessionToken token)
    {
        var began = metrics.Begin();
        var outcome = SessionOutcome.None;
        try
        {
            var reply = await store.DestroyAsync(token.Id, new DestroySession { Verifier = token.Verifier.Hash() }, CancellationToken.None).ConfigureAwait(false);
            outcome = reply.Outcome;
            if (outcome is not (SessionOutcome.Destroyed or SessionOutcome.Gone or SessionOutcome.Stale))
            {
                throw SessionReplies.Refusal(in reply);
            }

            Ended(token);
        }
        finally
        {
            metrics.Operation(SessionOperation.Destroy, outcome, began);
        }
    }

    private async ValueTask<SessionReply> CreateOnceAsync(SessionIdLease lease, SessionToken token, SessionTerms terms, SessionChange[] changes, SubjectChange? subject)
    {
        var began = metrics.Begin();
        var outcome = SessionOutcome.None;
        try
        {
            var request = new CreateSession
            {
                Verifier = token.Verifier.Hash(),
                Terms = terms,
                IssuedAt = Now,
                Changes = changes,
                IsIdRegistered = lease.IsRegistered(time),
                Subject = subject,
            };
            var reply = await store.CreateAsync(token.Id, request, CancellationToken.None).ConfigureAwait(false);
            outcome = reply.Outcome;
            return reply;
        }
        finally
        {
            metrics.Operation(SessionOperation.Create, outcome, began);
        }
    }

    private SessionReply? Ended(SessionToken token)
    {
        endings.End(token.Id);
        return null;
    }
}
