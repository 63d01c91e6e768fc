using ServerSession;
using ServerSession.AspNetCore;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds sessions to the health checks.</summary>
public static class ServerSessionHealthChecksBuilderExtensions
{
    /// <summary>
    /// Adds a check that is healthy once the signing keys are known, that is, once requests with a session can be served. It makes no call.
    /// </summary>
    /// <param name="builder">The health checks. <c>AddServerSession</c> has to be called on the services too.</param>
    /// <param name="name">The check's name; <c>server session</c> by default.</param>
    /// <param name="tags">The check's tags; none by default. Readiness is what it tells about, not liveness.</param>
    public static IHealthChecksBuilder AddServerSession(this IHealthChecksBuilder builder, string name = "server session", IEnumerable<string>? tags = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.AddCheck<SessionHealthCheck>(name, failureStatus: null, tags: tags ?? []);
    }
}
