using Microsoft.Extensions.DependencyInjection;

namespace ServerSession.AspNetCore;

/// <summary>Which parts the application has chosen, for the checks at start.</summary>
internal sealed class SessionParts
{
    public bool UsesGrainStore { get; set; } = true;

    public bool UsesGrainKeys { get; set; } = true;

    /// <summary>How many decorators stand around the store that keeps the sessions.</summary>
    public int StoreDecorators { get; set; }

    /// <summary>The parts of the services; null where <c>AddServerSession</c> was not called on them.</summary>
    public static SessionParts? Find(IServiceCollection services) =>
        services.FirstOrDefault(static service => service.ServiceType == typeof(SessionParts))?.ImplementationInstance as SessionParts;

    /// <summary>The parts that a verb of the builder changes.</summary>
    /// <exception cref="InvalidOperationException"><c>AddServerSession</c> was not called on the builder's services.</exception>
    public static SessionParts Of(IServerSessionBuilder builder) => Find(builder.Services)
        ?? throw new InvalidOperationException("The builder's services have no sessions: call services.AddServerSession() and use the builder that it returns.");
}
