namespace ServerSession;

internal sealed partial class SessionConnection
{
    /// <summary>How often a create is tried under a fresh id while the answer is "that id is used" or "too late".</summary>
    private const int CreateAttempts = 4;

    /// <summary>
    /// Commits to the session the request has: changes, other terms and a rotation, all or nothing. Null where it turns out that the request has
    /// none, and nothing was committed.
    /// </summary>
    /// <exception cref="SessionUnavailableException">It is not known to be committed.</exception>
    /// <exception cref="SessionEndedException">The session ended while the request was working with it.</exception>
    public async ValueTask<SessionReply?> CommitAsync(SessionChange[] changes, SessionTerms? terms, bool rotate, bool wantSnapshot)
    {
        var operation = rotate ? SessionOperation.Rotate : SessionOperation.Commit;
        do
        {
            var began = services.Time.GetTimestamp();
            var outcome = SessionOutcome.None;
            try
            {
                var next = rotate ? new SessionToken(_token.Id, SessionVerifier.New()) : _token;
                var nextVerifier = rotate ? next.Verifier.Hash() : _verifier;

                // A committed change must not depend on the client still being there: no cancellation.
                var reply = await CallCommitAsync(changes, terms, rotate ? nextVerifier : null, wantSnapshot);
                outcome = reply.Outcome;
                switch (outcome)
                {
                    case SessionOutcome.Committed:
                        if (rotate)
                        {
                            _token = next;
                            _verifier = nextVerifier;
                            _isIssued = true;
                        }

                        Confirm(in reply);
                        return reply;
                    case SessionOutcome.Gone or SessionOutcome.Stale:
                        Lose(in reply);
                        break;
                    default:
                        throw SessionReplies.Refusal(in reply);
                }
            }
            catch (Exception exception) when (outcome == SessionOutcome.None && IsFailure(exception))
            {
                throw Unavailable(exception);
            }
            finally
            {
                Waited(began);
                services.Metrics.Operation(operation, outcome, began);
            }

            await IdentifyAsync();
        }
        while (Standing == SessionStanding.Presented);

        ThrowIfEnded();
        return null;
    }

    /// <summary>Creates a session with its first changes. An attempt whose outcome is unknown is abandoned with its id, and its token is never sent.</summary>
    /// <exception cref="SessionPreloadException">The request is a prefetch.</exception>
    public async ValueTask<SessionReply> CreateAsync(SessionChange[] changes, SessionTerms? terms)
    {
        if (IsPreload)
        {
            throw new SessionPreloadException();
        }

        _ = await AwaitKeysAsync(services.Keys.GetAsync());
        var refusals = 0;
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                var lease = _reserved ?? await TakeIdAsync();
                _reserved = null;
                var token = new SessionToken(lease.Id, SessionVerifier.New());
                var reply = await CreateOnceAsync(lease, token, changes, terms);
                if (reply.Outcome is not (SessionOutcome.Gone or SessionOutcome.Late))
                {
                    if (reply.Outcome != SessionOutcome.Created)
                    {
                        throw SessionReplies.Refusal(in reply);
                    }

                    Created(token, in reply);
                    return reply;
                }

                if (++refusals == CreateAttempts)
                {
                    throw new SessionUnavailableException("The session could not be created: its owner refuses the request as too late. Compare the clocks of the machines.");
                }
            }
            catch (SessionUnavailableException) when (refusals < CreateAttempts && _waited < services.Options.RetryBudget)
            {
                var pause = CallBudget.PauseAfter(attempt, services.Budget - _waited);
                await Task.Delay(pause, services.Time);
                _waited += pause;
                services.Metrics.Retry();
            }
        }
    }

    /// <summary>
    /// Ends the session the request has, and every other that its tokens open, so that none of them takes its place. The user agent forgets its
    /// cookie whether or not there was a session.
    /// </summary>
    /// <exception cref="SessionEndedException">The session lives, under a token that has just replaced the request's.</exception>
    public async ValueTask DestroyAsync()
    {
        var replaced = Standing == SessionStanding.Ended && _endedAs == SessionOutcome.Stale;
        var destroyed = false;
        while (Standing is SessionStanding.Presented or SessionStanding.Live)
        {
            var reply = await DestroyOnceAsync();
            destroyed |= reply.Outcome == SessionOutcome.Destroyed;
            if (reply.Outcome == SessionOutcome.Stale)
            {
                replaced |= _seenAlive || !reply.GraceIsOver;
            }
            else
            {
                services.Endings.End(_token.Id);
            }

            Forget();
            Standing = SessionStanding.None;
            TakeNext();
        }

        Standing = SessionStanding.None;
        Destroyed |= destroyed || TokenReader.HasCookie(in presented, services.Cookie.Name);
        if (replaced && !destroyed)
        {
            Standing = SessionStanding.Ended;
            _endedAs = SessionOutcome.Stale;
            ThrowIfEnded();
        }
    }

    private async ValueTask<SessionReply> DestroyOnceAsync()
    {
        var began = services.Metrics.Begin();
        var outcome = SessionOutcome.None;
        try
        {
            var reply = await CallDestroyAsync();
            outcome = reply.Outcome;
            return outcome is SessionOutcome.Destroyed or SessionOutcome.Gone or SessionOutcome.Stale ? reply : throw SessionReplies.Refusal(in reply);
        }
        finally
        {
            services.Metrics.Operation(SessionOperation.Destroy, outcome, began);
        }
    }

    private async ValueTask<SessionReply> CreateOnceAsync(SessionIdLease lease, SessionToken token, SessionChange[] changes, SessionTerms? terms)
    {
        var began = services.Metrics.Begin();
        var outcome = SessionOutcome.None;
        try
        {
            var now = services.Time.GetUtcNow();
            var request = new CreateSession
            {
                Verifier = token.Verifier.Hash(),
                Terms = terms ?? services.Terms,
                IssuedAt = now,
                NotAfter = now + Patience,
                Changes = changes,
                IsIdRegistered = lease.IsRegistered(services.Time),
            };
            var reply = await CallCreateAsync(token.Id, request);
            outcome = reply.Outcome;
            return reply;
        }
        finally
        {
            services.Metrics.Operation(SessionOperation.Create, outcome, began);
        }
    }

    private void Created(SessionToken token, in SessionReply reply)
    {
        _token = token;
        _verifier = token.Verifier.Hash();
        _isIssued = true;
        Confirm(in reply);
    }
}
