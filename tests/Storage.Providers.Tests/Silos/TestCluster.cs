using ServerSession.Tests.Servers;

namespace ServerSession.Tests.Silos;

/// <summary>A silo and a frontend of a separate service, on one store.</summary>
internal sealed class TestCluster : IAsyncDisposable
{
    private readonly Dictionary<string, string?> _clustering;
    private readonly Dictionary<string, string?> _storage;

    private TestCluster(Dictionary<string, string?> clustering, Dictionary<string, string?> storage, string service)
    {
        _clustering = clustering;
        _storage = storage;
        Service = service;
        foreach (var settings in (Dictionary<string, string?>[])[_clustering, _storage])
        {
            settings["Orleans:ServiceId"] = service;
            settings["Orleans:ClusterId"] = "cluster-" + service;
        }
    }

    public string Service { get; }

    public TestSilo Silo { get; private set; } = null!;

    public TestFrontend Frontend { get; private set; } = null!;

    public static async Task<TestCluster> StartAsync(RealServers servers, string store) =>
        await StartAsync(await Stores.ClusteringAsync(servers, store), await Stores.StorageAsync(servers, store, ""));

    public static async Task<TestCluster> StartAsync(Dictionary<string, string?> clustering, Dictionary<string, string?> storage, TimeSpan? budget = null)
    {
        var cluster = new TestCluster(clustering, storage, "svc" + Guid.NewGuid().ToString("n"));
        await cluster.StartSiloAsync();
        cluster.Frontend = await TestFrontend.StartAsync(cluster._clustering, budget);
        return cluster;
    }

    public async Task RestartAsync()
    {
        await Frontend.DisposeAsync();
        await Silo.StopAsync();
        await Silo.DisposeAsync();
        await StartSiloAsync();
        Frontend = await TestFrontend.StartAsync(_clustering);
    }

    public async ValueTask DisposeAsync()
    {
        await Frontend.DisposeAsync();
        await Silo.DisposeAsync();
    }

    private async Task StartSiloAsync() => Silo = await TestSilo.StartAsync(_clustering.Concat(_storage.Where(pair => !_clustering.ContainsKey(pair.Key))).ToDictionary());
}
