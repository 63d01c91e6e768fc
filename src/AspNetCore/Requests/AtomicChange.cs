namespace ServerSession;

/// <summary>An atomic change on its way to the session grain, and what it did there.</summary>
internal sealed class AtomicChange(SessionChange change, bool creates)
{
    private IReadOnlyList<SessionChangeResult>? _results;
    private bool _isSent;

    public SessionChange Change => change;

    /// <summary>Whether the change starts a session where there is none.</summary>
    public bool Creates => creates;

    /// <summary>Takes the answer to the message that the change was the last of.</summary>
    public void NoteReply(in SessionReply reply)
    {
        _isSent = true;
        _results = reply.Results;
    }

    /// <summary>What the change did; null where it was not sent.</summary>
    /// <exception cref="SessionUnavailableException">The store did not tell.</exception>
    public SessionChangeResult? ReadResult() => !_isSent ? null
        : _results is { Count: > 0 } results ? results[^1]
        : throw new SessionUnavailableException("The session store did not return the result of an atomic operation.");
}
