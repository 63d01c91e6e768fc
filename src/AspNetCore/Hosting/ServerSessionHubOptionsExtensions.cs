using ServerSession;
using ServerSession.AspNetCore;

namespace Microsoft.AspNetCore.SignalR;

/// <summary>Lets hub connections end with their session.</summary>
public static class ServerSessionHubOptionsExtensions
{
    /// <summary>
    /// Aborts a hub connection when the session that it came with ends, over every transport. A connection without a session is left alone; a client that
    /// connects again has none.
    /// </summary>
    /// <param name="options">The options of all hubs, or of one: <c>AddSignalR(options => options.EndWithSession())</c>.</param>
    /// <param name="countActivity">
    /// Whether an invocation of a hub method counts as use of the session (<see cref="ISessionFollower.CountActivity"/>). By default the connection
    /// extends nothing once it is made.
    /// </param>
    public static HubOptions EndWithSession(this HubOptions options, bool countActivity = false)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.AddFilter(new SessionHubFilter(countActivity));
        return options;
    }
}
