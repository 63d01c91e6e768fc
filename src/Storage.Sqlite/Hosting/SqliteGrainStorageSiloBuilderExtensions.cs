using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.Runtime;
using Orleans.Runtime.Hosting;
using Orleans.Storage;
using ServerSession.Storage;

namespace Orleans.Hosting;

/// <summary>Adds the embedded SQLite grain storage to a silo.</summary>
public static class SqliteGrainStorageSiloBuilderExtensions
{
    /// <summary>Adds a grain storage that keeps its rows in one SQLite file on this machine.</summary>
    /// <param name="builder">The silo builder.</param>
    /// <param name="name">The name of the storage, by which grains ask for it.</param>
    /// <param name="configureOptions">Sets the options; <see cref="SqliteGrainStorageOptions.Path"/> is required.</param>
    /// <returns>The builder.</returns>
    /// <remarks>Wrong options end the start with an <see cref="Orleans.Runtime.OrleansConfigurationException"/>, a file that cannot be
    /// used with a <see cref="SqliteGrainStorageException"/>; both name what to change.</remarks>
    public static ISiloBuilder AddSqliteGrainStorage(this ISiloBuilder builder, string name, Action<SqliteGrainStorageOptions> configureOptions)
    {
        ArgumentNullException.ThrowIfNull(configureOptions);
        return builder.AddSqliteGrainStorage(name, options => options.Configure(configureOptions));
    }

    /// <summary>Adds a grain storage that keeps its rows in one SQLite file on this machine.</summary>
    /// <param name="builder">The silo builder.</param>
    /// <param name="name">The name of the storage, by which grains ask for it.</param>
    /// <param name="configureOptions">Configures the options, with access to services.</param>
    /// <returns>The builder.</returns>
    /// <remarks>Wrong options end the start with an <see cref="Orleans.Runtime.OrleansConfigurationException"/>, a file that cannot be
    /// used with a <see cref="SqliteGrainStorageException"/>; both name what to change.</remarks>
    public static ISiloBuilder AddSqliteGrainStorage(
        this ISiloBuilder builder, string name, Action<OptionsBuilder<SqliteGrainStorageOptions>>? configureOptions = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentException.ThrowIfNullOrEmpty(name);
        var services = builder.Services;
        configureOptions?.Invoke(services.AddOptions<SqliteGrainStorageOptions>(name));
        services.AddTransient<IConfigurationValidator>(provider => new SqliteGrainStorageOptionsValidator(
            provider.GetRequiredService<IOptionsMonitor<SqliteGrainStorageOptions>>().Get(name), name));
        services.AddTransient<IConfigurationValidator>(provider => new ClusterValidator(
            provider.GetService<IMembershipTable>(), provider.GetRequiredService<IOptionsMonitor<SqliteGrainStorageOptions>>().Get(name), name));
        services.TryAddEnumerable(ServiceDescriptor.Transient<
            IPostConfigureOptions<SqliteGrainStorageOptions>, DefaultStorageProviderSerializerOptionsConfigurator<SqliteGrainStorageOptions>>());
        services.ConfigureNamedOptionForLogging<SqliteGrainStorageOptions>(name);
        services.TryAddSingleton<SqliteMetrics>();
        services.TryAddSingleton<SqliteFiles>();
        services.AddGrainStorage(name, SqliteGrainStorage.Create);

        // Who keeps an index over the rows asks by this type for those that were there before: the storage knows Orleans only.
        services.AddKeyedSingleton<Func<string, CancellationToken, IAsyncEnumerable<GrainId>>>(name, static (provider, key) =>
            provider.GetRequiredKeyedService<IGrainStorage>(key) is SqliteGrainStorage storage ? storage.ListAsync : static (_, _) => AsyncEnumerable.Empty<GrainId>());
        return builder;
    }
}
