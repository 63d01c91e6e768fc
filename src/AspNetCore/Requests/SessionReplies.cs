namespace ServerSession;

/// <summary>The owner's answers that its caller cannot go on with, as exceptions.</summary>
internal static class SessionReplies
{
    /// <summary>The exception for an answer that is neither what was wanted nor Gone or Stale.</summary>
    public static Exception Refusal(in SessionReply reply) => reply.Outcome switch
    {
        SessionOutcome.TooLarge => new SessionLimitException(
            reply.Refusal?.Limit ?? SessionLimit.TotalBytes, reply.Refusal?.Message ?? "A limit of the session would be exceeded."),
        SessionOutcome.Mismatch => new SessionValueException(reply.Refusal?.Message ?? "An operation met a value it cannot work on.") { RefusedByOwner = true },
        SessionOutcome.Late => new SessionUnavailableException(
            "The session's owner received the operation too late; whether it was applied is unknown. If this goes on, compare the clocks of frontends and silos."),
        var outcome => new SessionUnavailableException($"The session store answered {outcome}, which is no answer to that operation."),
    };

    public static SessionEndedException Ended(SessionOutcome outcome) => new(
        outcome,
        outcome == SessionOutcome.Gone
            ? "The session has ended: it was destroyed or expired while the request was working with it."
            : "The session's token was replaced while the request was working with it. Repeat the request with the new one.");

    /// <summary>Whatever a store throws means that the session cannot be reached.</summary>
    public static SessionUnavailableException Unavailable(Exception exception) =>
        exception as SessionUnavailableException ?? new SessionUnavailableException("The session store failed.", exception);
}
