using System.Net;
using Microsoft.Extensions.Logging;
using ServerSession.Tests.Servers;

namespace ServerSession.Tests.Silos;

/// <summary>A session over each store, through a client of the cluster; the hosts are told of the store by settings alone.</summary>
public sealed class SessionLifeTests(RealServers servers)
{
    public static TheoryData<string> Shared => Stores.Shared;

    [Theory]
    [MemberData(nameof(Shared))]
    public async Task Session_is_created_changed_rotated_and_destroyed(string store)
    {
        await using var cluster = await TestCluster.StartAsync(servers, store);
        var frontend = cluster.Frontend;

        var created = await frontend.UntilItSucceedsAsync("PUT", "/value/first");
        Assert.Equal(1, await StoredRows.CountAsync(servers, store, cluster.Service, "", "session"));
        Assert.Equal("first", (await frontend.SendAsync("GET", "/value", created.Cookie)).Body);
        Assert.Equal(HttpStatusCode.NoContent, (await frontend.SendAsync("PUT", "/value/second", created.Cookie)).Status);

        var rotated = await frontend.SendAsync("POST", "/rotate", created.Cookie);
        Assert.NotEqual(created.Cookie, rotated.Cookie);
        Assert.Equal("none", (await frontend.SendAsync("GET", "/value", created.Cookie)).Body);
        Assert.Equal("second", (await frontend.SendAsync("GET", "/value", rotated.Cookie)).Body);
        Assert.Equal(1, await StoredRows.CountAsync(servers, store, cluster.Service, "", "session"));

        Assert.Equal(HttpStatusCode.OK, (await frontend.SendAsync("POST", "/destroy", rotated.Cookie)).Status);
        Assert.Equal("none", (await frontend.SendAsync("GET", "/value", rotated.Cookie)).Body);
    }

    [Theory]
    [MemberData(nameof(Shared))]
    public async Task Session_and_its_token_survive_a_restart_of_everything(string store)
    {
        await using var cluster = await TestCluster.StartAsync(servers, store);
        var created = await cluster.Frontend.UntilItSucceedsAsync("PUT", "/value/kept");

        await cluster.RestartAsync();

        Assert.Equal("kept", (await cluster.Frontend.UntilItSucceedsAsync("GET", "/value", created.Cookie)).Body);
        Assert.Equal(HttpStatusCode.NoContent, (await cluster.Frontend.UntilItSucceedsAsync("PUT", "/value/changed", created.Cookie)).Status);
        Assert.Equal("changed", (await cluster.Frontend.SendAsync("GET", "/value", created.Cookie)).Body);
    }

    [Theory]
    [MemberData(nameof(Shared))]
    public async Task Start_leaves_no_scratch_row_and_logs_no_error(string store)
    {
        var stalls = Stalls.Total;
        await using var cluster = await TestCluster.StartAsync(servers, store);

        Assert.Equal(0, await StoredRows.CountAsync(servers, store, cluster.Service, "", "probe"));

        // A call that took too long may tell of a busy machine.
        string[] errors = [.. cluster.Silo.Logs.Lines.Where(static line => line.Level >= LogLevel.Error).Select(static line => line.Message)];
        var failure = string.Join(Environment.NewLine, errors);
        Assert.True(
            errors.Length == 0 || (errors.All(static error => error.Contains("Timeout", StringComparison.Ordinal)) && await Stalls.ExcuseAsync(failure, stalls)), failure);
    }

    [Theory]
    [MemberData(nameof(Shared))]
    public async Task Services_on_one_store_share_neither_sessions_nor_keys(string store)
    {
        await using var first = await TestCluster.StartAsync(servers, store);
        await using var second = await TestCluster.StartAsync(servers, store);

        var mine = await first.Frontend.UntilItSucceedsAsync("PUT", "/value/mine");
        var other = await second.Frontend.UntilItSucceedsAsync("PUT", "/value/other");

        Assert.Equal("none", (await second.Frontend.SendAsync("GET", "/value", mine.Cookie)).Body);
        Assert.Equal("none", (await first.Frontend.SendAsync("GET", "/value", other.Cookie)).Body);
        var keys = await Task.WhenAll(
            first.Frontend.KeysAsync(),
            second.Frontend.KeysAsync());
        Assert.Empty(keys[0].Keys.Select(static key => key.Id).Intersect(keys[1].Keys.Select(static key => key.Id)));
        Assert.Equal(1, await StoredRows.CountAsync(servers, store, first.Service, "", "shield-keys"));
    }
}
