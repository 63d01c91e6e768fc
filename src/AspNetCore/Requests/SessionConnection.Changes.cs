namespace ServerSession;

internal sealed partial class SessionConnection
{
    /// <summary>How often a create is tried under a fresh id while the answer is "that id is used" or "too late".</summary>
    private const int CreateAttempts = 4;

    /// <summary>Commits to the session the request has: changes, other terms and a rotation, all or nothing.</summary>
    /// <exception cref="SessionUnavailableException">It is not known to be committed.</exception>
    public async ValueTask<SessionReply> CommitAsync(SessionChange[] changes, SessionTerms? terms, bool rotate, bool wantSnapshot)
    {
        var operation = rotate ? SessionOperation.Rotate : SessionOperation.Commit;
        var began = services.Time.GetTimestamp();
        var outcome = SessionOutcome.None;
        try
        {
            var next = rotate ? new SessionToken(_token.Id, SessionVerifier.New()) : _token;
            var nextVerifier = rotate ? next.Verifier.Hash() : _verifier;

            // A committed change must not depend on the client still being there: no cancellation.
            var reply = await CallCommitAsync(changes, terms, rotate ? nextVerifier : null, wantSnapshot);
            outcome = reply.Outcome;
            ThrowUnless(SessionOutcome.Committed, in reply);
            if (rotate)
            {
                _token = next;
                _verifier = nextVerifier;
                _isIssued = true;
            }

            Confirm(in reply);
            return reply;
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
            var token = _reserved ?? SessionToken.New();
            _reserved = null;
            try
            {
                var reply = await CreateOnceAsync(token, changes, terms);
                if (reply.Outcome is not (SessionOutcome.Gone or SessionOutcome.Late))
                {
                    ThrowUnless(SessionOutcome.Created, in reply);
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

    /// <summary>Ends the session the request has.</summary>
    public async ValueTask DestroyAsync()
    {
        var began = services.Metrics.Begin();
        var outcome = SessionOutcome.None;
        try
        {
            var reply = await CallDestroyAsync();
            outcome = reply.Outcome;
            switch (outcome)
            {
                case SessionOutcome.Destroyed:
                    Destroyed = true;
                    break;
                case SessionOutcome.Gone:
                    break;
                case SessionOutcome.Stale:
                    throw SessionReplies.Ended(outcome);
                case SessionOutcome.Late:
                    throw SessionReplies.Refusal(in reply);
                default:
                    throw Unexpected(outcome);
            }

            services.Endings.End(_token.Id);
            Lose();
        }
        finally
        {
            services.Metrics.Operation(SessionOperation.Destroy, outcome, began);
        }
    }

    private async ValueTask<SessionReply> CreateOnceAsync(SessionToken token, SessionChange[] changes, SessionTerms? terms)
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

    private void ThrowUnless(SessionOutcome wanted, in SessionReply reply)
    {
        if (reply.Outcome == wanted)
        {
            return;
        }

        switch (reply.Outcome)
        {
            case SessionOutcome.Gone:
                services.Endings.End(_token.Id);
                Lose();
                throw SessionReplies.Ended(SessionOutcome.Gone);
            case SessionOutcome.Stale:
                Lose();
                throw SessionReplies.Ended(SessionOutcome.Stale);
            default:
                throw SessionReplies.Refusal(in reply);
        }
    }
}
