using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using ServerSession;

namespace Orleans.Hosting;

/// <summary>Adds handlers of session events to a silo.</summary>
public static class ServerSessionEventExtensions
{
    /// <summary>Tells <typeparamref name="T"/> of the sessions of this silo. Any number of handlers may be added; the same type counts once.</summary>
    /// <typeparam name="T">The handler, made once by the silo's services.</typeparam>
    /// <param name="builder">What <c>AddServerSession</c> returned on the silo.</param>
    public static IServerSessionSiloBuilder AddSessionEventHandler<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] T>(
        this IServerSessionSiloBuilder builder)
        where T : class, ISessionEventHandler
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Services.TryAddEnumerable(ServiceDescriptor.Singleton<ISessionEventHandler, T>());
        return builder;
    }
}
