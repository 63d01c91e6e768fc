using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Orleans;
using Orleans.Hosting;
using Orleans.Providers;
using Orleans.Storage;
using ServerSession.Storage;

[assembly: RegisterProvider("Sqlite", "GrainStorage", "Silo", typeof(SqliteGrainStorageProviderBuilder))]

namespace ServerSession.Storage;

/// <summary>Builds the provider from configuration: <c>Orleans:GrainStorage:&lt;name&gt;:ProviderType=Sqlite</c>.</summary>
internal sealed class SqliteGrainStorageProviderBuilder : IProviderBuilder<ISiloBuilder>
{
    public void Configure(ISiloBuilder builder, string? name, IConfigurationSection configurationSection) =>
        builder.AddSqliteGrainStorage(name!, options => options.Configure<IServiceProvider>((values, services) =>
        {
            SqliteGrainStorageConfiguration.Apply(configurationSection, name!, values);
            if (configurationSection["SerializerKey"] is { Length: > 0 } serializer)
            {
                values.GrainStorageSerializer = services.GetRequiredKeyedService<IGrainStorageSerializer>(serializer);
            }
        }));
}
