using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans;

namespace ServerSession.Hosting;

/// <summary>
/// Connects the Orleans client while the host starts and serves. Orleans' own hosted service holds the start of the host until a silo answers,
/// so that not even liveness could be asked meanwhile.
/// </summary>
public sealed partial class BackgroundClusterClient(
    IHostedService client, ClusterConnection connection, IHostApplicationLifetime lifetime, ILogger<BackgroundClusterClient> logger) : IHostedService, IDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private Task _connecting = Task.CompletedTask;

    /// <summary>Puts itself in the place of the client's own hosted service.</summary>
    /// <param name="services">The services.</param>
    /// <param name="first">How many services there were before the Orleans client was added.</param>
    public static void Install(IServiceCollection services, int first)
    {
        for (var i = first; i < services.Count; i++)
        {
            if (services[i] is { IsKeyedService: false, ImplementationFactory: { } make } descriptor && descriptor.ServiceType == typeof(IHostedService))
            {
                services[i] = ServiceDescriptor.Singleton<IHostedService>(provider => make(provider) switch
                {
                    IHostedService service and IClusterClient => ActivatorUtilities.CreateInstance<BackgroundClusterClient>(provider, service),
                    var other => (IHostedService)other,
                });
            }
        }
    }

    public Task StartAsync(CancellationToken cancellationToken)
    {
        _connecting = Task.Run(ConnectAsync, CancellationToken.None);
        return Task.CompletedTask;
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        connection.Close();
        await _connecting.WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await client.StopAsync(cancellationToken).ConfigureAwait(false);
    }

    public void Dispose() => _stop.Dispose();

    private async Task ConnectAsync()
    {
        try
        {
            await client.StartAsync(_stop.Token).ConfigureAwait(false);
            connection.Open();
        }
        catch (Exception exception) when (_stop.IsCancellationRequested)
        {
            LogGivenUp(exception);
        }
        catch (Exception exception)
        {
            // Everything that may heal is repeated by the retry filter: this host would never become ready.
            LogFailed(exception);
            lifetime.StopApplication();
        }
    }
}
