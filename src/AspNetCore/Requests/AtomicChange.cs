namespace ServerSession.AspNetCore;

/// <summary>An atomic change that a request sends at once, and its result.</summary>
internal sealed class AtomicChange(SessionChange change, bool creates)
{
    private IReadOnlyList<SessionChangeResult>? _results;
    private bool _isSent;

    public SessionChange Change => change;

    /// <summary>Whether the change starts a session where there is none.</summary>
    public bool Creates => creates;

    /// <summary>Takes the result from the reply to the commit whose last change this is.</summary>
    public void NoteReply(in SessionReply reply)
    {
        _isSent = true;
        _results = reply.Results;
    }

    /// <summary>What the change did; null where it was not sent.</summary>
    /// <exception cref="SessionUnavailableException">The store's reply has no result.</exception>
    public SessionChangeResult? ReadResult() => !_isSent ? null
        : _results is { Count: > 0 } results ? results[^1]
        : throw new SessionUnavailableException("The session store did not return the result of an atomic operation.");
}
