using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Orleans.Serialization;
using Orleans.Storage;
using ServerSession.Storage;

namespace ServerSession.Tests.Storage;

/// <summary>A storage as an application registers and a silo opens it, without the silo around it.</summary>
internal sealed class OpenStorage : ISiloBuilder, IAsyncDisposable
{
    private const string Name = "test";
    private ServiceProvider? _provider;

    public IServiceCollection Services { get; } = new ServiceCollection();

    public IConfiguration Configuration { get; } = new ConfigurationBuilder().Build();

    /// <summary>The storage, once it is open.</summary>
    public IGrainStorage Storage => _provider!.GetRequiredKeyedService<IGrainStorage>(Name);

    public static async Task<OpenStorage> OpenAsync(Action<SqliteGrainStorageOptions> configure)
    {
        var storage = new OpenStorage();
        storage.AddSqliteGrainStorage(Name, configure);
        storage._provider = storage.Services.AddLogging().AddSerializer().BuildServiceProvider();
        var lifecycle = new SiloLifecycleSubject(storage._provider.GetRequiredService<ILogger<SiloLifecycleSubject>>());
        ((ILifecycleParticipant<ISiloLifecycle>)storage.Storage).Participate(lifecycle);
        await lifecycle.OnStart();
        return storage;
    }

    public ValueTask DisposeAsync() => _provider!.DisposeAsync();
}
