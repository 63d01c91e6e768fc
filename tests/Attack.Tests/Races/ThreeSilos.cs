using ServerSession.Tests.Support;

namespace ServerSession.Tests.Races;

/// <summary>Three silos with a frontend in the process of each.</summary>
public sealed class ThreeSilos : IAsyncLifetime
{
    private SessionCluster? _cluster;
    private Frontend[] _frontends = [];

    public SessionCluster Cluster => _cluster!;

    internal IReadOnlyList<Frontend> Frontends => _frontends;

    public async ValueTask InitializeAsync()
    {
        _cluster = await SessionCluster.StartAsync(3);
        _frontends = [.. _cluster.Silos.Select(static silo => new Frontend(silo))];
    }

    public async ValueTask DisposeAsync()
    {
        if (_cluster is not null)
        {
            await _cluster.DisposeAsync();
        }
    }
}
