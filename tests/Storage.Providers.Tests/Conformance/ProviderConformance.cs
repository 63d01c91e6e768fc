using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using ServerSession.Tests.Servers;
using ServerSession.Tests.Storage;

namespace ServerSession.Tests.Conformance;

/// <summary>
/// The suite on a provider that is chosen by configuration alone, with what <c>AddServerSession</c> sets for the storage named <c>sessions</c>. Each test has a
/// service id of its own.
/// </summary>
public abstract class ProviderConformance(RealServers servers, string store) : GrainStorageConformance
{
    private const string SerializerKey = "raw";

    private readonly TempFolder _folder = new();
    private readonly string _service = "conf" + Guid.NewGuid().ToString("n");
    private IHost? _host;
    private SiloLifecycleSubject? _lifecycle;

    /// <summary>The state name that the provider is given; see the one for Azure Blob.</summary>
    protected string Service => _service;

    protected override TimeSpan CallLimit => Eventually.Patience;

    protected override async ValueTask<IGrainStorage> OpenAsync()
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Logging.ClearProviders();
        builder.Configuration.AddInMemoryCollection(await Stores.StorageAsync(servers, store, _folder.Path));
        builder.Configuration["Orleans:ServiceId"] = _service;
        builder.Configuration["Orleans:GrainStorage:sessions:SerializerKey"] = SerializerKey;
        builder.Services.AddKeyedSingleton<IGrainStorageSerializer>(SerializerKey, RawBytesSerializer.Instance);
        builder.UseOrleans(static silo =>
        {
            silo.UseLocalhostClustering();
            silo.AddServerSession();
        });
        _host = builder.Build();

        // Only the storage's own part of a silo's start.
        _lifecycle = new SiloLifecycleSubject(_host.Services.GetRequiredService<ILogger<SiloLifecycleSubject>>());
        var storage = _host.Services.GetRequiredKeyedService<IGrainStorage>("sessions");
        (storage as ILifecycleParticipant<ISiloLifecycle>)?.Participate(_lifecycle);
        await _lifecycle.OnStart();
        return Named(storage);
    }

    protected override async ValueTask CloseAsync()
    {
        await _lifecycle!.OnStop();
        if (_host is IAsyncDisposable host)
        {
            await host.DisposeAsync();
        }
    }

    protected override async ValueTask<long> CountRowsAsync() => await StoredRows.CountAsync(servers, store, _service, _folder.Path);

    protected override ValueTask DeleteAsync()
    {
        _folder.Dispose();
        return ValueTask.CompletedTask;
    }

    /// <summary>Gives the state names that the sessions' storage would use.</summary>
    protected virtual IGrainStorage Named(IGrainStorage storage) => storage;
}
