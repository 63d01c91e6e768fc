using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.DependencyInjection;

namespace ServerSession;

/// <summary>What <c>AddServerSession</c> returns, to choose the parts.</summary>
public interface IServerSessionBuilder
{
    /// <summary>The application's services.</summary>
    IServiceCollection Services { get; }

    /// <summary>
    /// Keeps sessions in <typeparamref name="T"/> instead of the cluster. Without a cluster that keeps shield keys, set
    /// <see cref="ServerSessionOptions.ShieldKeys"/>.
    /// </summary>
    /// <typeparam name="T">The store, made once.</typeparam>
    IServerSessionBuilder UseStore<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] T>()
        where T : class, ISessionStore;

    /// <summary>Keeps sessions in this process: they end with it, and no other process sees them. For tests and single processes.</summary>
    IServerSessionBuilder UseInMemoryStore();

    /// <summary>Serializes typed values with <typeparamref name="T"/> instead of System.Text.Json.</summary>
    /// <typeparam name="T">The serializer, made once.</typeparam>
    IServerSessionBuilder UseSerializer<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] T>()
        where T : class, ISessionSerializer;

    /// <summary>
    /// Provides <c>HttpContext.Session</c> from the same session, so that TempData and existing code work unchanged. A valid cookie is then
    /// loaded before the endpoint runs, unless the endpoint says <see cref="SessionLoadTime.OnUse"/>. An endpoint that does not use its session waits
    /// for it 100 milliseconds at most. Where a read comes before a slow load has ended, its thread waits, as with ASP.NET Core's own session; so do
    /// as many threads as there are processors, at least two, and further reads throw <see cref="SessionUnavailableException"/>.
    /// </summary>
    IServerSessionBuilder AddAspNetCoreSession();
}
