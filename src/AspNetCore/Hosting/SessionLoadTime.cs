using ServerSession.AspNetCore;

namespace ServerSession;

/// <summary>When a request's session is loaded.</summary>
public enum SessionLoadTime
{
    /// <summary>At its first use. Synchronous reads of <c>HttpContext.Session</c> then need <c>await LoadAsync()</c> first.</summary>
    OnUse = 0,

    /// <summary>
    /// Before the endpoint runs, where the request carries a token, however long it takes. While <c>HttpContext.Session</c> is provided, an endpoint
    /// that says nothing has its session loaded beforehand too, but waits longer than 100 milliseconds only where its requests have always used
    /// their session: what does not use its session does not wait for a cluster that cannot be reached.
    /// </summary>
    BeforeEndpoint = 1,
}

/// <summary>Says when the session of an endpoint is loaded. Add it as an attribute, or with <c>WithSessionLoad</c>.</summary>
/// <param name="when">When.</param>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Method, AllowMultiple = false, Inherited = true)]
public sealed class SessionLoadAttribute(SessionLoadTime when) : Attribute, ISessionEndpointMetadata
{
    /// <summary>When the session is loaded.</summary>
    public SessionLoadTime When { get; } = when;

    string ISessionEndpointMetadata.Name => "WithSessionLoad";
}
