using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using ServerSession;
using ServerSession.AspNetCore;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Chooses parts of the sessions.</summary>
public static class ServerSessionBuilderExtensions
{
    /// <summary>
    /// Keeps sessions in <typeparamref name="T"/> instead of the cluster. Without a cluster that keeps signing keys, set
    /// <see cref="ServerSessionOptions.SigningKeys"/>. Decorators stay around it (<see cref="DecorateStore{T}"/>).
    /// </summary>
    /// <typeparam name="T">The store, made once.</typeparam>
    /// <param name="builder">What <c>AddServerSession</c> returned.</param>
    public static IServerSessionBuilder UseStore<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] T>(this IServerSessionBuilder builder)
        where T : class, IServerSessionStore
    {
        ArgumentNullException.ThrowIfNull(builder);
        var parts = SessionParts.Of(builder);
        SessionStoreRegistration.SetInnermost(builder.Services, parts, ServiceDescriptor.Singleton<IServerSessionStore, T>());
        parts.UsesGrainStore = false;
        return builder;
    }

    /// <summary>Keeps sessions in this process: they end with it, and no other process sees them. For tests and single processes.</summary>
    /// <param name="builder">What <c>AddServerSession</c> returned.</param>
    public static IServerSessionBuilder UseInMemoryStore(this IServerSessionBuilder builder)
    {
        builder.UseStore<InMemorySessionStore>();
        SessionParts.Of(builder).UsesGrainKeys = false;
        builder.Services.Replace(ServiceDescriptor.Singleton(static provider => provider.GetRequiredService<IOptions<ServerSessionOptions>>().Value.SigningKeys is { Count: > 0 } keys
            ? (ISigningKeySource)ConfiguredSigningKeys.FromOptions(keys)
            : ConfiguredSigningKeys.ForThisProcess()));
        return builder;
    }

    /// <summary>
    /// Puts <typeparamref name="T"/> between the middleware and the store: it is asked first, and calls the store that its constructor takes as an
    /// <see cref="IServerSessionStore"/>. Of several decorators the last added is asked first. What it adds keeps the promises of <see cref="IServerSessionStore"/>.
    /// </summary>
    /// <typeparam name="T">The decorator, made once. Its other constructor parameters are services.</typeparam>
    /// <param name="builder">What <c>AddServerSession</c> returned.</param>
    /// <exception cref="InvalidOperationException"><typeparamref name="T"/> has no public constructor that takes an <see cref="IServerSessionStore"/>.</exception>
    public static IServerSessionBuilder DecorateStore<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] T>(this IServerSessionBuilder builder)
        where T : class, IServerSessionStore
    {
        ArgumentNullException.ThrowIfNull(builder);
        SessionStoreRegistration.Decorate<T>(builder.Services, SessionParts.Of(builder));
        return builder;
    }

    /// <summary>Serializes typed values with <typeparamref name="T"/> instead of System.Text.Json.</summary>
    /// <typeparam name="T">The serializer, made once.</typeparam>
    /// <param name="builder">What <c>AddServerSession</c> returned.</param>
    public static IServerSessionBuilder UseSerializer<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] T>(this IServerSessionBuilder builder)
        where T : class, ISessionSerializer
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Services.Replace(ServiceDescriptor.Singleton<ISessionSerializer, T>());
        return builder;
    }

    /// <summary>
    /// Provides <c>HttpContext.Session</c> from the same session, so that TempData and existing code work unchanged. A valid cookie is then
    /// loaded before the endpoint runs, unless the endpoint says <see cref="SessionLoadTime.OnUse"/>. An endpoint that does not use its session waits
    /// for it 100 milliseconds at most. Where a read comes before a slow load has ended, its thread waits, as with ASP.NET Core's own session; so do
    /// as many threads as there are processors, at least two, and further reads throw <see cref="SessionUnavailableException"/>.
    /// </summary>
    /// <param name="builder">What <c>AddServerSession</c> returned.</param>
    public static IServerSessionBuilder AddAspNetCoreSession(this IServerSessionBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Services.TryAddSingleton<SessionAdapterMarker>();
        builder.Services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<SessionOptions>, NoSessionMiddleware>());
        return builder;
    }

    /// <summary>
    /// Changes how values become JSON: with converters, or with a source-generated context where the application is trimmed or compiled ahead of
    /// time: <c>ConfigureJson(json => json.TypeInfoResolverChain.Insert(0, ShopJson.Default))</c>.
    /// </summary>
    /// <param name="builder">What <c>AddServerSession</c> returned.</param>
    /// <param name="configure">Changes the options; see <see cref="ServerSessionJsonOptions.SerializerOptions"/>.</param>
    public static IServerSessionBuilder ConfigureJson(this IServerSessionBuilder builder, Action<JsonSerializerOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(configure);
        builder.Services.Configure<ServerSessionJsonOptions>(options => configure(options.SerializerOptions));
        return builder;
    }
}
