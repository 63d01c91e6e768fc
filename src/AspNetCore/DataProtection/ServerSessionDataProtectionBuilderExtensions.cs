using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using ServerSession;
using ServerSession.AspNetCore;

namespace Microsoft.AspNetCore.DataProtection;

/// <summary>Keeps Data Protection's keys on the session cluster.</summary>
public static class ServerSessionDataProtectionBuilderExtensions
{
    /// <summary>
    /// Keeps the key ring where the sessions are kept, so that every frontend reads what another one protected: authentication and TempData cookies,
    /// antiforgery tokens. Frontends that start together for the first time agree on one key. With <c>UseInMemoryStore()</c> the keys end with the
    /// process.
    /// </summary>
    /// <remarks>
    /// Add <c>ProtectKeysWithCertificate</c> or another <c>ProtectKeysWith…</c> so that the storage does not hold the keys in clear, and
    /// <c>SetApplicationName</c> where the frontends have different content roots. While the cluster cannot be reached, keys that were read before
    /// go on working; without any, protecting fails with <see cref="SessionUnavailableException"/>, at once where the outage is known and within
    /// <see cref="ServerSessionOptions.RetryBudget"/> otherwise. <c>XmlKeyManager.DeleteKeys</c> works.
    /// </remarks>
    /// <param name="builder">What <c>AddDataProtection</c> returned.</param>
    /// <param name="ringName">
    /// Which ring of the cluster: applications with different names share no keys. 1 to 64 letters and digits of ASCII, '-', '.' and '_'.
    /// </param>
    /// <exception cref="ArgumentException">The name cannot be used.</exception>
    public static IDataProtectionBuilder PersistKeysToServerSession(this IDataProtectionBuilder builder, string ringName = "default")
    {
        ArgumentNullException.ThrowIfNull(builder);
        var name = new KeyRingName(ringName);
        var services = builder.Services;
        services.AddServerSession();
        services.Replace(ServiceDescriptor.Singleton(name));
        services.TryAddSingleton<IKeyElementStore>(static provider => provider.GetRequiredService<SessionParts>().UsesGrainKeys
            ? new GrainKeyElements(provider.GetRequiredService<IGrainFactory>(), provider.GetRequiredService<ClusterCalls>(), provider.GetRequiredService<KeyRingName>())
            : new InMemoryKeyElements());
        services.TryAddSingleton<KeyRingReader>();
        services.TryAddSingleton<ServerSessionXmlRepository>();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IConfigureOptions<KeyManagementOptions>, KeyManagementSetup>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IPostConfigureOptions<KeyManagementOptions>, KeyManagementSetup>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IHostedService, KeyRingLoader>());
        return builder;
    }
}
