namespace ServerSession.AspNetCore;

/// <summary>Creates a session, under fresh ids until the session grain of one accepts: for a request, and for a ticket.</summary>
internal sealed class SessionCreation(RequestCalls calls, SessionServices services)
{
    /// <summary>How often a create is tried under a fresh id while the answer is "that id is used" or "too late".</summary>
    private const int Attempts = 4;

    private SessionIdLease? _reserved;

    /// <summary>The id that is tried first.</summary>
    public SessionId ReservedId => (_reserved ??= services.Ids.TakeAtOnce()).Id;

    /// <summary>Creates the session with its first changes. An attempt whose outcome is unknown is abandoned with its id, and its token is never sent.</summary>
    /// <remarks>
    /// A session that was bound by an abandoned attempt would take a place among its user's sessions until it expires. So the next attempt waits until the one before
    /// cannot arrive any more, which is no longer than one call takes, and ends what it may have made.
    /// </remarks>
    /// <exception cref="SessionUnavailableException">None could be created.</exception>
    public async ValueTask<(VerifiedToken Token, SessionReply Reply)> RunAsync(SessionChange[] changes, SessionTerms? terms, SubjectChange? subject)
    {
        await calls.ReadKeysAsync(static keys => keys.GetAsync());
        var binds = subject is { Subject.IsDefault: false };
        var refusals = 0;
        for (var attempt = 1; ; attempt++)
        {
            AbandonedSession? tried = null;
            try
            {
                var lease = _reserved ?? await calls.TakeIdAsync();
                _reserved = null;
                var token = VerifiedToken.New(lease.Id);
                var notAfter = calls.CreateNotAfter(binds);
                tried = binds ? new AbandonedSession(token, notAfter) : null;
                var reply = await calls.CreateAsync(lease, token, changes, terms, subject, notAfter);
                switch (reply.Outcome)
                {
                    case SessionOutcome.Created:
                        return (token, reply);
                    case SessionOutcome.Gone or SessionOutcome.Late:
                        refusals++;
                        break;
                    default:
                        throw SessionReplies.Refusal(in reply);
                }

                tried = null;
                if (refusals == Attempts)
                {
                    throw new SessionUnavailableException("The session could not be created: its session grain refuses the request as too late. Compare the clocks of the machines.");
                }
            }
            catch (SessionUnavailableException exception)
            {
                if (tried is not null)
                {
                    await AbandonAsync(tried, mayArrive: exception.InnerException is not null);
                }

                if (refusals == Attempts || !calls.MayRepeat)
                {
                    throw;
                }

                await calls.PauseAsync(attempt);
            }
        }
    }

    /// <summary>Ends the session that an attempt may have made: before the next attempt, or in the background where there is none or it cannot be reached.</summary>
    private async ValueTask AbandonAsync(AbandonedSession tried, bool mayArrive)
    {
        if (!calls.MayRepeat || !await TryEndAsync(tried, mayArrive))
        {
            services.Abandoned.EndLater(tried);
        }
    }

    private async ValueTask<bool> TryEndAsync(AbandonedSession tried, bool mayArrive)
    {
        if (mayArrive)
        {
            await calls.WaitUntilAsync(tried.NotAfter);
        }

        try
        {
            return (await calls.DestroyAsync(tried.Token)).Outcome is SessionOutcome.Destroyed or SessionOutcome.Gone;
        }
        catch (SessionUnavailableException)
        {
            return false;
        }
    }
}
