using System.Diagnostics.CodeAnalysis;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace ServerSession;

internal sealed class ServerSessionBuilder(IServiceCollection services, SessionParts parts) : IServerSessionBuilder
{
    public IServiceCollection Services => services;

    public IServerSessionBuilder UseStore<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] T>()
        where T : class, ISessionStore
    {
        services.Replace(ServiceDescriptor.Singleton<ISessionStore, T>());
        parts.UsesGrainStore = false;
        return this;
    }

    public IServerSessionBuilder UseInMemoryStore()
    {
        services.Replace(ServiceDescriptor.Singleton<ISessionStore, InMemorySessionStore>());
        parts.UsesGrainStore = false;
        parts.UsesGrainKeys = false;
        services.Replace(ServiceDescriptor.Singleton(static provider => provider.GetRequiredService<IOptions<ServerSessionOptions>>().Value.ShieldKeys is { Count: > 0 } keys
            ? (IShieldKeySource)ConfiguredShieldKeys.FromOptions(keys)
            : ConfiguredShieldKeys.ForThisProcess()));
        return this;
    }

    public IServerSessionBuilder UseSerializer<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] T>()
        where T : class, ISessionSerializer
    {
        services.Replace(ServiceDescriptor.Singleton<ISessionSerializer, T>());
        return this;
    }

    public IServerSessionBuilder AddAspNetCoreSession()
    {
        services.TryAddSingleton<SessionAdapterMark>();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<SessionOptions>, NoSessionMiddleware>());
        return this;
    }
}
