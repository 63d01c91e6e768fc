using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orleans.Hosting;

namespace ServerSession.Tests.Storage;

/// <summary>A real silo, as a host makes it, with storage by configuration or by code.</summary>
internal sealed class TestSilo(IHost host) : IAsyncDisposable
{
    public IServiceProvider Services => host.Services;

    public IKeeperGrain Keeper(string key) => host.Services.GetRequiredService<IGrainFactory>().GetGrain<IKeeperGrain>(key);

    public static async Task<TestSilo> StartAsync(Dictionary<string, string?> configuration, Action<ISiloBuilder>? configure = null)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Configuration.AddInMemoryCollection(configuration);
        builder.Services.AddKeyedSingleton<IGrainStorageSerializer>("sessions", RawBytesSerializer.Instance);
        builder.UseOrleans(silo =>
        {
            var ports = FreePorts.Take(2);
            silo.UseLocalhostClustering(ports[0], ports[1]);
            configure?.Invoke(silo);
        });
        var host = builder.Build();
        try
        {
            await host.StartAsync();
            return new(host);
        }
        catch
        {
            await DisposeAsync(host);
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await host.StopAsync();
        await DisposeAsync(host);
    }

    private static ValueTask DisposeAsync(IHost host) => ((IAsyncDisposable)host).DisposeAsync();
}
