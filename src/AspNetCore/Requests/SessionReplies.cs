namespace ServerSession.AspNetCore;

/// <summary>The session grain's answers that its caller cannot go on with, as exceptions.</summary>
internal static class SessionReplies
{
    /// <summary>The exception for an answer that is neither what was wanted nor Gone or Stale.</summary>
    public static Exception Refusal(in SessionReply reply) => reply.Outcome switch
    {
        SessionOutcome.TooLarge when reply.Refusal is { Limit: SessionLimit.SubjectSessions } full => new SessionSubjectLimitException(full.Message),
        SessionOutcome.TooLarge => new SessionLimitException(
            reply.Refusal?.Limit ?? SessionLimit.TotalBytes, reply.Refusal?.Message ?? "A limit of the session would be exceeded."),
        SessionOutcome.Mismatch => new SessionValueException(reply.Refusal?.Message ?? "An operation met a value it cannot work on.") { RefusedByGrain = true },
        SessionOutcome.Late => new SessionUnavailableException(
            "The session grain received the operation too late; whether it was applied is unknown. If this goes on, compare the clocks of frontends and silos."),
        var outcome => new SessionUnavailableException($"The session store answered {outcome}, which is no answer to that operation."),
    };

    public static SessionEndedException Ended(SessionOutcome outcome) => new(
        outcome,
        outcome == SessionOutcome.Gone
            ? "The session was destroyed or expired while this request was working with it, so what the request changed since then was not saved. "
                + "Send the request again: it finds no session, and a change starts a new one."
            : "A parallel request has just replaced the token of the session, at sign-in for example, so what this request changed was not saved. "
                + "Send the request again with the new token; a browser has it in its cookie by now.");

    /// <summary>Whatever a store throws means that the session cannot be reached.</summary>
    public static SessionUnavailableException Unavailable(Exception exception) =>
        exception as SessionUnavailableException ?? new SessionUnavailableException("The session store failed.", exception);
}
