using ServerSession.AspNetCore;

namespace ServerSession;

/// <summary>
/// Requests to the endpoint do not extend the session that they read (a change does, as always): for streams and polls that a page makes without its user,
/// which would otherwise keep the session alive after the user has left. Add it as an attribute, or with <c>WithSessionPeek</c>.
/// </summary>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Method, AllowMultiple = false, Inherited = true)]
public sealed class SessionPeekAttribute : Attribute, ISessionEndpointMetadata
{
    string ISessionEndpointMetadata.Name => "WithSessionPeek";
}
