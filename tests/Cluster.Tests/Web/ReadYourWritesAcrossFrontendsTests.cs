using System.Net;
using ServerSession.Tests.Support;

namespace ServerSession.Tests.Web;

/// <summary>Read your writes over HTTP: what one frontend answered, the next request sees on any frontend.</summary>
public class ReadYourWritesAcrossFrontendsTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task Write_answered_by_one_frontend_is_read_by_the_other(short silos)
    {
        await using var cluster = await SessionCluster.StartAsync(silos, null, SystemTime.Use);
        await using var one = await WebFrontend.StartAsync(cluster);
        await using var other = await WebFrontend.StartAsync(cluster);
        var (status, _, cookie) = await one.SendAsync("PUT", "/write/first");
        Assert.Equal(HttpStatusCode.OK, status);
        Assert.NotNull(cookie);

        for (var index = 0; index < 20; index++)
        {
            await (index % 2 == 0 ? one : other).SendAsync("PUT", $"/write/{index}", cookie);
            Assert.Equal($"{index}", (await (index % 2 == 0 ? other : one).SendAsync("GET", "/read", cookie)).Body);
        }
    }

    [Fact]
    public async Task Rotate_by_one_frontend_shuts_the_old_cookie_out_of_the_other()
    {
        await using var cluster = await SessionCluster.StartAsync(3, null, SystemTime.Use);
        await using var one = await WebFrontend.StartAsync(cluster);
        await using var other = await WebFrontend.StartAsync(cluster);
        var old = (await one.SendAsync("PUT", "/write/q")).Cookie;

        var fresh = (await one.SendAsync("POST", "/rotate", old)).Cookie;

        Assert.NotEqual(old, fresh);
        Assert.Equal("none", (await other.SendAsync("GET", "/read", old)).Body);
        Assert.Equal("q", (await other.SendAsync("GET", "/read", fresh)).Body);
    }

    [Fact]
    public async Task Destroy_by_one_frontend_ends_the_session_on_the_other_and_a_write_then_starts_a_new_one()
    {
        await using var cluster = await SessionCluster.StartAsync(3, null, SystemTime.Use);
        await using var one = await WebFrontend.StartAsync(cluster);
        await using var other = await WebFrontend.StartAsync(cluster);
        var old = (await one.SendAsync("PUT", "/write/q")).Cookie;
        await one.SendAsync("POST", "/destroy", old);

        Assert.Equal("none", (await other.SendAsync("GET", "/read", old)).Body);
        var (_, body, cookie) = await other.SendAsync("PUT", "/read-write/new", old);

        Assert.Equal("none", body);
        Assert.NotNull(cookie);
        Assert.NotEqual(old, cookie);
        Assert.Equal("new", (await one.SendAsync("GET", "/read", cookie)).Body);
    }

    [Fact]
    public async Task Increment_of_two_hundred_at_once_over_two_frontends_counts_every_one()
    {
        await using var cluster = await SessionCluster.StartAsync(3, null, SystemTime.Use);
        await using var one = await WebFrontend.StartAsync(cluster);
        await using var other = await WebFrontend.StartAsync(cluster);
        var cookie = (await one.SendAsync("PUT", "/write/q")).Cookie;

        var replies = await Task.WhenAll(Enumerable.Range(0, 200).Select(index => (index % 2 == 0 ? one : other).SendAsync("POST", "/increment", cookie)));

        Assert.All(replies, reply => Assert.Equal(HttpStatusCode.OK, reply.Status));
        Assert.Equal(Enumerable.Range(1, 200), replies.Select(reply => int.Parse(reply.Body)).Order());
    }
}
