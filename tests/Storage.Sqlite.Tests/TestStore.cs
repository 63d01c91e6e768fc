using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Orleans.Serialization;
using Orleans.Serialization.Serializers;
using ServerSession.Storage;

namespace ServerSession.Tests.Storage;

/// <summary>A SQLite storage as a silo would have it, without the silo. Each has its own registry of files, as each process does.</summary>
internal sealed class TestStore : IAsyncDisposable
{
    private readonly ServiceProvider _services;

    private TestStore(ServiceProvider services, SqliteGrainStorage storage)
    {
        _services = services;
        Storage = storage;
    }

    public SqliteGrainStorage Storage { get; }

    public SqliteFile File => Storage.OpenFile;

    public static async Task<TestStore> OpenAsync(string path, Action<SqliteGrainStorageOptions>? configure = null)
    {
        var options = new SqliteGrainStorageOptions
        {
            Path = path,
            LockTimeout = TimeSpan.Zero,
            GrainStorageSerializer = RawBytesSerializer.Instance,
        };
        configure?.Invoke(options);
        var services = new ServiceCollection().AddSerializer().AddSingleton<SqliteMetrics>().BuildServiceProvider();
        var files = new SqliteFiles(services.GetRequiredService<SqliteMetrics>(), NullLogger<SqliteFiles>.Instance);
        var storage = new SqliteGrainStorage("test", SqliteSettings.From(options, null), options.InitStage,
            options.GrainStorageSerializer, services.GetRequiredService<IActivatorProvider>(), files);
        try
        {
            await storage.OpenAsync(CancellationToken.None);
            return new(services, storage);
        }
        catch
        {
            await services.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Storage.DisposeAsync();
        await _services.DisposeAsync();
    }
}
