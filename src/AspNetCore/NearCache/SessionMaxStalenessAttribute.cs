using ServerSession.AspNetCore;

namespace ServerSession;

/// <summary>
/// Says how old a session may be that the endpoint reads: this frontend may serve it without asking, where the session confirmed it less long ago. What
/// a request of the same frontend changed is seen in any case. Without it every request asks its session. Add it as an attribute, or with
/// <c>WithSessionMaxStaleness</c>.
/// </summary>
/// <param name="seconds">From 0.001 to 60 seconds.</param>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Method, AllowMultiple = false, Inherited = true)]
public sealed class SessionMaxStalenessAttribute(double seconds) : Attribute, ISessionEndpointMetadata
{
    /// <summary>How old the session may be.</summary>
    /// <value>From one millisecond to one minute.</value>
    public TimeSpan MaxStaleness { get; } = seconds is >= 0.001 and <= 60
        ? TimeSpan.FromSeconds(seconds)
        : throw new ArgumentOutOfRangeException(nameof(seconds), seconds, "How old a session may be that an endpoint reads is from 0.001 to 60 seconds. Without it every read asks the session.");

    string ISessionEndpointMetadata.Name => "WithSessionMaxStaleness";
}
