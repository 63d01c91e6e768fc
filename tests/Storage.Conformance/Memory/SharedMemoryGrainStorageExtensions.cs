using Microsoft.Extensions.DependencyInjection;
using Orleans.Hosting;
using Orleans.Runtime.Hosting;

namespace ServerSession.Tests.Storage;

public static class SharedMemoryGrainStorageExtensions
{
    /// <summary>Adds a grain storage over rows that other silos of this process may share. States go through the serializer registered under
    /// the same name, else through the silo's default one.</summary>
    public static ISiloBuilder AddSharedMemoryGrainStorage(this ISiloBuilder builder, string name, SharedMemoryStore store)
    {
        builder.Services.AddGrainStorage(name, (services, key) => new SharedMemoryGrainStorage(
            store,
            services.GetKeyedService<IGrainStorageSerializer>(key) ?? services.GetRequiredService<IGrainStorageSerializer>(),
            services.GetRequiredService<ILocalSiloDetails>().Name));
        return builder;
    }
}
