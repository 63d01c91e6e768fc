namespace ServerSession;

/// <summary>
/// Requests to the endpoint do not extend the session that they read (a change does, as always): for streams and looks that a page makes by itself, which would keep the
/// session of a user alive who has gone. Add it as an attribute, or with <c>WithSessionPeek</c>.
/// </summary>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Method, AllowMultiple = false, Inherited = true)]
public sealed class SessionPeekAttribute : Attribute, ISessionEndpointMetadata
{
    string ISessionEndpointMetadata.Name => "WithSessionPeek";
}
