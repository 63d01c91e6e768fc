using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using ServerSession.Grains;
using ServerSession.Hosting;
using ServerSession.LocalCluster.Servers;

namespace ServerSession.Tests.Silos;

/// <summary>A silo as the host makes it, from settings alone.</summary>
internal sealed class TestSilo : IAsyncDisposable
{
    private readonly WebApplication _app;

    private TestSilo(WebApplication app, LogCollector logs)
    {
        _app = app;
        Logs = logs;
    }

    public LogCollector Logs { get; }

    public IServiceProvider Services => _app.Services;

    public static async Task<TestSilo> StartAsync(IReadOnlyDictionary<string, string?> settings)
    {
        // The start tries the storage, and ends where a call takes longer: longer than a machine stands still.
        var patient = new Dictionary<string, string?>(settings);
        patient.TryAdd("ServerSession:StorageTimeout", "00:00:30");
        var silo = Build(patient);
        await silo._app.StartAsync();
        return silo;
    }

    public static TestSilo Build(IReadOnlyDictionary<string, string?> settings, Action<IServiceCollection>? configure = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        var logs = new LogCollector();
        var ports = FreePort.Take(2);
        builder.WebHost.UseTestServer();
        builder.Logging.ClearProviders().AddProvider(logs);
        builder.Configuration.AddInMemoryCollection(settings);
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Orleans:Endpoints:AdvertisedIPAddress"] = "127.0.0.1",
            ["Orleans:Endpoints:SiloPort"] = ports[0].ToString(CultureInfo.InvariantCulture),
            ["Orleans:Endpoints:GatewayPort"] = ports[1].ToString(CultureInfo.InvariantCulture),
        });
        builder.AddSessionSilo();
        configure?.Invoke(builder.Services);
        return new TestSilo(builder.Build(), logs);
    }

    public Task StartAsync() => _app.StartAsync();

    /// <summary>The part of the start that opens the storage and tries it.</summary>
    public async Task ProbeAsync()
    {
        var lifecycle = new SiloLifecycleSubject(Services.GetRequiredService<ILogger<SiloLifecycleSubject>>());
        (Services.GetRequiredKeyedService<IGrainStorage>(SessionGrainOptions.StorageName) as ILifecycleParticipant<ISiloLifecycle>)?.Participate(lifecycle);
        Services.GetRequiredService<StorageProbeStartup>().Participate(lifecycle);
        await lifecycle.OnStart();
    }

    /// <summary>Writes a session's row as another silo would that takes itself for its activation: this silo's ETag is then a stale one.</summary>
    public async Task WriteBehindItsBackAsync(GrainId session)
    {
        var storage = Services.GetRequiredService<SessionStorage>();
        var (bytes, etag) = (await storage.ReadAsync(SessionStorage.SessionState, session))!.Value;
        await storage.WriteAsync(SessionStorage.SessionState, session, bytes, etag);
    }

    public async Task StopAsync() => await _app.StopAsync();

    public ValueTask DisposeAsync() => _app.DisposeAsync();
}
