using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.DependencyInjection;

namespace ServerSession.AspNetCore;

/// <summary>
/// The registrations of the store: one store keeps the sessions, and decorators stand around it, the last added outermost. The outermost is the
/// service <see cref="IServerSessionStore"/>; each one inside it is a keyed service, so that the container makes and disposes of every one once.
/// </summary>
internal static class SessionStoreRegistration
{
    /// <summary>Exchanges the store that keeps the sessions; decorators stay.</summary>
    public static void SetInnermost(IServiceCollection services, SessionParts parts, ServiceDescriptor store)
    {
        if (parts.StoreDecorators == 0)
        {
            services[IndexOf(services, key: null)] = store;
        }
        else
        {
            services[IndexOf(services, new Layer(0))] = WithKey(store, new Layer(0));
        }
    }

    /// <summary>Puts a decorator around the store as it now is.</summary>
    public static void Decorate<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] T>(IServiceCollection services, SessionParts parts)
        where T : class, IServerSessionStore
    {
        if (!Array.Exists(typeof(T).GetConstructors(), static constructor => Array.Exists(constructor.GetParameters(), static parameter => parameter.ParameterType == typeof(IServerSessionStore))))
        {
            throw new InvalidOperationException(
                $"{typeof(T).Name} cannot decorate the session store: give it a public constructor with a parameter of type IServerSessionStore, the store that it calls. To replace the store, call UseStore<{typeof(T).Name}>().");
        }

        var inner = new Layer(parts.StoreDecorators++);
        var index = IndexOf(services, key: null);
        var decorated = services[index];
        services[index] = ServiceDescriptor.Singleton<IServerSessionStore>(provider => ActivatorUtilities.CreateInstance<T>(provider, provider.GetRequiredKeyedService<IServerSessionStore>(inner)));
        services.Add(WithKey(decorated, inner));
    }

    /// <summary>The store that keeps the sessions, inside all decorators.</summary>
    public static IServerSessionStore Innermost(IServiceProvider provider, SessionParts parts) => parts.StoreDecorators == 0
        ? provider.GetRequiredService<IServerSessionStore>()
        : provider.GetRequiredKeyedService<IServerSessionStore>(new Layer(0));

    /// <summary>Of several registrations the last counts, as it does for the container.</summary>
    private static int IndexOf(IServiceCollection services, object? key)
    {
        for (var index = services.Count - 1; index >= 0; index--)
        {
            if (services[index].ServiceType == typeof(IServerSessionStore) && Equals(services[index].ServiceKey, key))
            {
                return index;
            }
        }

        throw new InvalidOperationException("The services have no IServerSessionStore: its registration was removed after AddServerSession(). Call UseStore<T>() instead of removing it.");
    }

    private static ServiceDescriptor WithKey(ServiceDescriptor store, Layer key) => store switch
    {
        { ImplementationInstance: { } instance } => new ServiceDescriptor(typeof(IServerSessionStore), key, instance),
        { ImplementationFactory: { } factory } => new ServiceDescriptor(typeof(IServerSessionStore), key, (provider, _) => factory(provider), store.Lifetime),
        _ => new ServiceDescriptor(typeof(IServerSessionStore), key, store.ImplementationType!, store.Lifetime),
    };

    /// <summary>The key of a store inside the outermost, counted from the innermost.</summary>
    private sealed record Layer(int Depth);
}
