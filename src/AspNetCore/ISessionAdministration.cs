namespace ServerSession;

/// <summary>Acts on sessions by their public id, without a token: for administrators and background work. Guard its callers.</summary>
public interface ISessionAdministration
{
    /// <summary>Ends a session: false where it had ended before, or never was.</summary>
    /// <exception cref="SessionUnavailableException">The session's owner cannot be reached; whether the session ended is unknown. Repeat it.</exception>
    ValueTask<bool> DestroyAsync(SessionId id, CancellationToken cancellationToken = default);
}
