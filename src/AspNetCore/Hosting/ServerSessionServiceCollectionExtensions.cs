using Microsoft.AspNetCore.OutputCaching;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using ServerSession;
using ServerSession.AspNetCore;
using ServerSession.Core;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds server-side sessions to the services.</summary>
public static class ServerSessionServiceCollectionExtensions
{
    /// <summary>
    /// Adds sessions that live in an Orleans cluster (the <c>IGrainFactory</c> of a silo or a client in the same services). Put
    /// <c>app.UseServerSession()</c> into the pipeline as well. Calling it again only adds to the configuration.
    /// </summary>
    /// <param name="services">The services.</param>
    /// <param name="configure">Changes the options. It wins over the configuration section <c>ServerSession</c>, and over calls before it.</param>
    public static IServerSessionBuilder AddServerSession(this IServiceCollection services, Action<ServerSessionOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        if (configure is not null)
        {
            services.Configure(configure);
        }

        if (SessionParts.Find(services) is not null)
        {
            return new ServerSessionBuilder(services);
        }

        var parts = new SessionParts();
        services.AddSingleton(parts);

        services.AddOptions<ServerSessionOptions>().ValidateOnStart();
        // First of all configurations, so that code wins, wherever it stands.
        services.Insert(0, ServiceDescriptor.Singleton<IConfigureOptions<ServerSessionOptions>, ServerSessionConfiguration>());
        services.AddSingleton<IFrontendLimits, FrontendLimits>();
        services.AddSingleton<IValidateOptions<ServerSessionOptions>, ServerSessionOptionsValidator>();
        services.AddSingleton<IValidateOptions<ServerSessionOptions>, ServerSessionPartsValidator>();
        services.TryAddSingleton(TimeProvider.System);
        // By a factory: in Development the container would look for a missing cluster first, and say so in a message for each service that needs it.
        services.TryAddSingleton<IServerSessionStore>(static provider => new GrainSessionStore(
            provider.GetRequiredService<IGrainFactory>(), provider.GetRequiredService<ClusterCalls>(), provider.GetService<ILocalSessions>(),
            provider.GetRequiredService<NearCache>()));
        services.TryAddSingleton<ISessionSerializer, JsonSessionSerializer>();
        services.TryAddSingleton(static provider => provider.GetRequiredService<IOptions<ServerSessionOptions>>().Value.SigningKeys is { Count: > 0 } keys
            ? (ISigningKeySource)ConfiguredSigningKeys.FromOptions(keys)
            : new GrainSigningKeys(provider.GetRequiredService<IGrainFactory>(), provider.GetRequiredService<ClusterCalls>()));
        services.AddMetrics();
        services.AddSingleton<ServerSessionMetrics>();
        services.AddSingleton<ClusterCalls>();
        services.AddSingleton<SigningKeyRingProvider>();
        services.AddHostedService<SigningKeyRefresher>();
        services.AddSingleton<ILifecycleParticipant<IClusterClientLifecycle>, FrontendLeave>();
        services.AddSingleton<SessionEndings>();
        services.TryAddSingleton<ISubjectStore>(provider => parts.UsesGrainStore
            ? new GrainSubjectStore(
                provider.GetRequiredService<IGrainFactory>(), provider.GetRequiredService<ClusterCalls>(), provider.GetRequiredService<TimeProvider>(),
                provider.GetRequiredService<NearCache>())
            : SessionStoreRegistration.Innermost(provider, parts) switch
            {
                InMemorySessionStore memory => new InMemorySubjectStore(memory),
                ISubjectStore subjects => subjects,
                var store => new UnknownSubjectStore(store.GetType()),
            });
        services.AddSingleton<IServerSessionSubjects, ServerSessionSubjects>();
        services.AddSingleton<SessionServices>();
        services.AddSingleton<ISessionIdSource>(provider => parts.UsesGrainStore && provider.GetService<IGrainFactory>() is { } grains
            ? new ReservedSessionIds(
                grains, provider.GetRequiredService<IOptions<ServerSessionOptions>>(), provider.GetRequiredService<TimeProvider>(), provider.GetService<IClusterConnection>())
            : new RandomSessionIds());
        services.AddSingleton<ISessionAdministration>(provider => new SessionAdministration(
            provider.GetRequiredService<IServerSessionStore>(),
            SessionStoreRegistration.Innermost(provider, parts),
            provider.GetRequiredService<SessionEndings>(),
            provider.GetRequiredService<ServerSessionMetrics>(),
            provider.GetRequiredService<ISubjectStore>(),
            provider.GetService<IGrainFactory>() is { } grains ? new SessionSweep(grains) : null));
        services.AddScoped<CurrentRequest>();
        services.AddScoped(CurrentRequest.SessionOf);
        services.AddScoped<ScopeEnd>();
        services.AddSingleton(static provider => new ClusterWatch(
            provider.GetRequiredService<IGrainFactory>(), provider.GetRequiredService<ClusterCalls>(), provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton<NearCacheMetrics>();
        services.AddSingleton(static provider => new NearCache(
            provider.GetRequiredService<ClusterWatch>(),
            provider.GetRequiredService<IGrainFactory>(),
            provider.GetRequiredService<ClusterCalls>(),
            provider.GetRequiredService<IOptions<ServerSessionOptions>>(),
            provider.GetRequiredService<NearCacheMetrics>(),
            provider.GetRequiredService<TimeProvider>()));
        services.PostConfigure<OutputCacheOptions>(static options => options.AddBasePolicy(new SessionOutputCachePolicy()));
        return new ServerSessionBuilder(services);
    }
}
