using ServerSession.Tests.Storage;
using ServerSession.Tests.Support;

namespace ServerSession.Tests.Web;

/// <summary>What a request costs: grain calls counted by a filter on the silos, storage calls by the store.</summary>
public class RequestCostTests
{
    [Theory]
    [InlineData("GET", "/untouched", 0, 0)]
    [InlineData("GET", "/read", 1, 0)]
    [InlineData("PUT", "/write/x", 1, 1)]
    [InlineData("PUT", "/read-write/x", 2, 1)]
    [InlineData("POST", "/increment", 1, 1)]
    [InlineData("POST", "/rotate", 2, 1)]
    public async Task Request_with_a_session_costs_so_many_calls(string method, string path, int grainCalls, int writes)
    {
        var counter = new CallCounter();
        await using var cluster = await SessionCluster.StartAsync(1, null, silo => { SystemTime.Use(silo); silo.AddIncomingGrainCallFilter(counter); });
        await using var frontend = await WebFrontend.StartAsync(cluster);
        var cookie = (await frontend.SendAsync("PUT", "/write/q")).Cookie;
        var calls = counter.Calls;
        var storage = cluster.StorageCalls;

        await frontend.SendAsync(method, path, cookie);

        Assert.Equal(grainCalls, counter.Calls - calls);
        Assert.Equal(new StorageCounts(storage.Reads, storage.Writes + writes, storage.Clears), cluster.StorageCalls);
    }

    [Theory]
    [InlineData("GET", "/untouched", 0, 0)]
    [InlineData("GET", "/read", 0, 0)]
    [InlineData("PUT", "/write/x", 1, 1)]
    [InlineData("PUT", "/read-write/x", 1, 1)]
    [InlineData("PUT", "/fail/x", 0, 0)]
    [InlineData("POST", "/destroy", 0, 0)]
    public async Task Request_without_a_session_costs_so_many_calls(string method, string path, int grainCalls, int writes)
    {
        var counter = new CallCounter();
        await using var cluster = await SessionCluster.StartAsync(1, null, silo => { SystemTime.Use(silo); silo.AddIncomingGrainCallFilter(counter); });
        await using var frontend = await WebFrontend.StartAsync(cluster);
        await frontend.SendAsync("PUT", "/write/warm");
        var calls = counter.Calls;
        var storage = cluster.StorageCalls;

        try
        {
            await frontend.SendAsync(method, path);
        }
        catch (InvalidOperationException)
        {
            // The test server hands an unhandled exception of the application to its caller.
        }

        Assert.Equal(grainCalls, counter.Calls - calls);
        Assert.Equal(new StorageCounts(storage.Reads, storage.Writes + writes, storage.Clears), cluster.StorageCalls);
    }

    [Fact]
    public async Task Read_in_the_silo_of_its_session_costs_no_grain_call_and_elsewhere_one()
    {
        const int Reads = 10;
        var counter = new CallCounter();
        await using var cluster = await SessionCluster.StartAsync(3, null, silo => { SystemTime.Use(silo); silo.AddIncomingGrainCallFilter(counter); });
        var frontends = new List<WebFrontend>();
        foreach (var silo in cluster.Silos)
        {
            frontends.Add(await WebFrontend.StartAsync(cluster, silo: silo.ServiceProvider));
        }

        var cookie = (await frontends[0].SendAsync("PUT", "/write/q")).Cookie;
        var costs = new List<int>();
        foreach (var frontend in frontends)
        {
            // The first read makes it known that somebody reads here, and the second has the grain publish.
            await frontend.SendAsync("GET", "/read", cookie);
            await frontend.SendAsync("GET", "/read", cookie);
            var calls = counter.Calls;
            for (var read = 0; read < Reads; read++)
            {
                Assert.Equal("q", (await frontend.SendAsync("GET", "/read", cookie)).Body);
            }

            costs.Add(counter.Calls - calls);
        }

        Assert.Equal([0, Reads, Reads], costs.Order());
        foreach (var frontend in frontends)
        {
            await frontend.DisposeAsync();
        }
    }

    internal sealed class CallCounter : IIncomingGrainCallFilter
    {
        private int _calls;
        private int _keyReads;

        /// <summary>Gets the calls of sessions.</summary>
        public int Calls => Volatile.Read(ref _calls);

        /// <summary>Gets the reads of the signing keys.</summary>
        public int KeyReads => Volatile.Read(ref _keyReads);

        public Task Invoke(IIncomingGrainCallContext context)
        {
            if (context.InterfaceMethod.DeclaringType == typeof(ISessionGrain))
            {
                Interlocked.Increment(ref _calls);
            }
            else if (context.InterfaceMethod.DeclaringType == typeof(ISigningKeyGrain))
            {
                Interlocked.Increment(ref _keyReads);
            }

            return context.Invoke();
        }
    }
}
