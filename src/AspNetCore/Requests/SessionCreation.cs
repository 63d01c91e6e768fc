namespace ServerSession;

/// <summary>Creates a request's session, under fresh ids until the session grain of one accepts.</summary>
internal sealed class SessionCreation(RequestCalls calls, SessionServices services)
{
    /// <summary>How often a create is tried under a fresh id while the answer is "that id is used" or "too late".</summary>
    private const int Attempts = 4;

    private SessionIdLease? _reserved;

    /// <summary>The id that is tried first.</summary>
    public SessionId ReservedId => (_reserved ??= services.Ids.TakeAtOnce()).Id;

    /// <summary>Creates the session with its first changes. An attempt whose outcome is unknown is abandoned with its id, and its token is never sent.</summary>
    /// <exception cref="SessionUnavailableException">None could be created.</exception>
    public async ValueTask<(VerifiedToken Token, SessionReply Reply)> RunAsync(SessionChange[] changes, SessionTerms? terms, SubjectChange? subject)
    {
        await calls.ReadKeysAsync(services.Keys.GetAsync());
        var refusals = 0;
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                var lease = _reserved ?? await calls.TakeIdAsync();
                _reserved = null;
                var token = VerifiedToken.New(lease.Id);
                var reply = await calls.CreateAsync(lease, token, changes, terms, subject);
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

                if (refusals == Attempts)
                {
                    throw new SessionUnavailableException("The session could not be created: its session grain refuses the request as too late. Compare the clocks of the machines.");
                }
            }
            catch (SessionUnavailableException) when (refusals < Attempts && calls.MayRepeat)
            {
                await calls.PauseAsync(attempt);
            }
        }
    }
}
