namespace ServerSession;

/// <summary>
/// A session that something long-lived follows: a WebSocket, a stream of events, a hub connection. It comes from
/// <c>HttpContext.FollowSessionAsync()</c>, or for a ticket from <c>FollowTicketAsync()</c>, and belongs to the session, not to the request; it lives until it is disposed of.
/// </summary>
public interface ISessionFollower : IAsyncDisposable
{
    /// <summary>The public id of the session.</summary>
    SessionId Id { get; }

    /// <summary>Fires when the session ends, as <see cref="IServerSession.Ended"/> does.</summary>
    CancellationToken Ended { get; }

    /// <summary>When the session expires unless it is accessed before (UTC), as far as this process has heard.</summary>
    DateTimeOffset ExpiresAt { get; }

    /// <summary>
    /// Counts what has just happened as a use of the session, so that it does not expire under a user who works over a long-lived connection. It
    /// does not wait. The session hears of a use at most once in a tenth of its idle timeout, or a minute where that is shorter, so it may expire
    /// earlier than the idle timeout after the last use by that much. A follower whose token was replaced since extends nothing.
    /// </summary>
    void CountActivity();

    /// <summary>
    /// What becomes of the session, as it comes: first that it lives, then each warning, each extension after a warning, and at last its end. It
    /// extends nothing. In the time of a warning the session is asked every five seconds whether it was extended elsewhere.
    /// </summary>
    /// <param name="warnBefore">How long before the session expires it is said that it will.</param>
    /// <param name="cancellationToken">Ends the waiting, with <see cref="OperationCanceledException"/>.</param>
    IAsyncEnumerable<SessionSignal> ReadSignalsAsync(TimeSpan warnBefore, CancellationToken cancellationToken = default);
}

/// <summary>What became of a session that is followed.</summary>
public enum SessionSignalKind
{
    /// <summary>The session lives.</summary>
    Live = 0,

    /// <summary>The session expires soon, unless it is used.</summary>
    ExpiresSoon = 1,

    /// <summary>The session was used after it was said to expire soon.</summary>
    Extended = 2,

    /// <summary>The session ended.</summary>
    Ended = 3,
}

/// <summary>One thing that became of a session that is followed.</summary>
/// <param name="Kind">What became of it.</param>
/// <param name="ExpiresAt">When the session expires unless it is accessed before (UTC), or did.</param>
public readonly record struct SessionSignal(SessionSignalKind Kind, DateTimeOffset ExpiresAt);
