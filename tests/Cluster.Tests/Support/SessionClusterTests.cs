using Microsoft.Extensions.DependencyInjection;

namespace ServerSession.Tests.Support;

/// <summary>The judge of tests that count calls of the storage.</summary>
public class SessionClusterTests
{
    /// <summary>A call of the storage for each request once passed for one that every silo makes once a minute.</summary>
    [Fact]
    public async Task StorageCalls_of_the_epoch_that_no_silo_makes_once_a_minute_are_counted()
    {
        await using var cluster = await SessionCluster.StartAsync();
        var row = cluster.Silos[0].ServiceProvider.GetRequiredService<EpochRow>();
        var before = cluster.StorageCalls;
        var etag = (await row.ReadAsync()).ETag;
        for (var read = 0; read < 9; read++)
        {
            await row.ReadAsync();
        }

        await row.WriteAsync(1, etag);

        var after = cluster.StorageCalls;
        Assert.InRange(after.Reads - before.Reads, 5, 10);
        Assert.Equal((1L, 0L), (after.Writes - before.Writes, after.Clears - before.Clears));
    }
}
