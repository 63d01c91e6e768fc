namespace ServerSession.AspNetCore;

/// <summary>What may be done about a call that failed.</summary>
internal enum CallKind : byte
{
    /// <summary>It changes nothing: repeated, and given up at any time.</summary>
    Read,

    /// <summary>
    /// It changes the session and is safe to repeat. While a message of it may still arrive, its caller gets no answer before the time at which
    /// the silos stop accepting it.
    /// </summary>
    Change,

    /// <summary>It creates a session whose token nobody has yet: never repeated under the same id.</summary>
    Create,
}
