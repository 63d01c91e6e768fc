namespace ServerSession.AspNetCore;

/// <summary>The sessions that tickets live in: each ticket has a separate one, and its key is the token of that session.</summary>
internal sealed class TicketSessions(
    IServerSessionStore store,
    SigningKeyRingProvider keys,
    SessionEndings endings,
    ServerSessionMetrics metrics,
    SessionServices services,
    TimeProvider time)
{
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
        var reply = await metrics.MeasureAsync(
            SessionOperation.Open,
            (store, token, mode, cancellationToken),
            static call => call.store.OpenAsync(call.token.Id, call.token.Verifier.Hash(), call.mode, call.cancellationToken)).ConfigureAwait(false);
        return reply.Outcome switch
        {
            SessionOutcome.Opened => reply,
            SessionOutcome.Gone => Ended(token),
            SessionOutcome.Stale => null,
            _ => throw SessionReplies.Refusal(in reply),
        };
    }

    /// <summary>Creates a session within one budget, as a request does.</summary>
    /// <exception cref="SessionUnavailableException">None could be created.</exception>
    public async ValueTask<(string Key, SessionId Id)> CreateAsync(SessionTerms terms, SessionChange[] changes, SubjectChange? subject)
    {
        var (token, _) = await new SessionCreation(new RequestCalls(services), services).RunAsync(changes, terms, subject).ConfigureAwait(false);
        return (token.Token.Encode(keys.Current!.SigningKey(Now)), token.Id);
    }

    /// <summary>Follows a session that has just been read.</summary>
    public SessionFollower Follow(SessionToken token, DateTimeOffset expiresAt, SessionTerms terms) =>
        new(services, new VerifiedToken(token, token.Verifier.Hash()), expiresAt, terms.IdleTimeout);

    /// <summary>Changes a session; false where it is gone, and then nothing comes back.</summary>
    public async ValueTask<bool> CommitAsync(SessionToken token, SessionChange[] changes, SessionTerms? terms, SubjectChange? subject)
    {
        var reply = await CommitOnceAsync(token, changes, terms, subject).ConfigureAwait(false);
        return reply.Outcome switch
        {
            SessionOutcome.Committed => true,
            SessionOutcome.Gone => Ended(token) is not null,
            SessionOutcome.Stale => false,
            _ => throw SessionReplies.Refusal(in reply),
        };
    }

    /// <summary>Ends a session, whether or not it was there.</summary>
    /// <exception cref="SessionUnavailableException">Whether it ended is unknown.</exception>
    public async ValueTask DestroyAsync(SessionToken token)
    {
        var reply = await metrics.MeasureAsync(
            SessionOperation.Destroy,
            (store, token),
            static call => call.store.DestroyAsync(call.token.Id, new DestroySession { Verifier = call.token.Verifier.Hash() }, CancellationToken.None)).ConfigureAwait(false);
        if (reply.Outcome is not (SessionOutcome.Destroyed or SessionOutcome.Gone or SessionOutcome.Stale))
        {
            throw SessionReplies.Refusal(in reply);
        }

        Ended(token);
    }

    /// <summary>Numbered, so that the session forgets its result with the next commit. Not cancelled on its way: its caller would not know what became of it.</summary>
    private async ValueTask<SessionReply> CommitOnceAsync(SessionToken token, SessionChange[] changes, SessionTerms? terms, SubjectChange? subject)
    {
        var issuedAt = Now;
        var operation = services.Operations.Begin();
        try
        {
            var request = new CommitSession
            {
                Verifier = token.Verifier.Hash(),
                Operation = operation.Id,
                FirstUnanswered = operation.FirstUnanswered,
                IssuedAt = issuedAt,
                Changes = changes,
                NewTerms = terms,
                Subject = subject,
            };
            return await metrics.MeasureAsync(
                SessionOperation.Commit, (store, token.Id, request), static call => call.store.CommitAsync(call.Id, call.request, CancellationToken.None)).ConfigureAwait(false);
        }
        finally
        {
            services.Operations.End(operation.Id.Sequence);
        }
    }

    private SessionReply? Ended(SessionToken token)
    {
        endings.End(token.Id);
        return null;
    }
}
