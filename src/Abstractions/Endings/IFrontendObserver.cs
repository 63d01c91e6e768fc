namespace ServerSession;

/// <summary>
/// A frontend, as the silos reach it: one object for each frontend process, whatever the number of sessions that it watches. A frontend hands
/// it over with <see cref="ISessionGrain.WatchAsync"/>.
/// </summary>
[Alias("ServerSession.IFrontendObserver")]
public interface IFrontendObserver : IGrainObserver
{
    /// <summary>
    /// Tells what became of sessions that the frontend watches. A silo calls it about once a second, also with no notices: a frontend that hears
    /// nothing on a link for some seconds asks again for the sessions of that link. What is not answered is told again, so every notice may arrive more than once.
    /// </summary>
    /// <param name="link">The silo's link to the frontend, as <see cref="WatchReply.Link"/> names it.</param>
    /// <param name="notices">What became of the sessions; empty for a heartbeat.</param>
    /// <returns>Those of the sessions that the frontend does not watch any more.</returns>
    [Alias("notify"), ResponseTimeout("00:00:02")]
    ValueTask<SessionId[]> NotifyAsync(Guid link, SessionNotice[] notices);

    /// <summary>Tells that the silo stops and says nothing more: the frontend asks for the sessions of the link until another silo watches them.</summary>
    /// <param name="link">The silo's link to the frontend.</param>
    [Alias("leave"), ResponseTimeout("00:00:02")]
    ValueTask LeaveAsync(Guid link);
}
