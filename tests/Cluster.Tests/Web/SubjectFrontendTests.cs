using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using ServerSession.Tests.Support;

namespace ServerSession.Tests.Web;

/// <summary>A user's sessions over HTTP: signed in at one frontend, listed and ended at another, one of them in a silo's process.</summary>
public class SubjectFrontendTests
{
    [Fact]
    public async Task Sessions_of_a_user_are_listed_and_ended_at_any_frontend()
    {
        await using var cluster = await SessionCluster.StartAsync(2, null, SystemTime.Use);
        await using var one = await StartAsync(cluster, silo: null);
        await using var other = await StartAsync(cluster, cluster.Silos[0].ServiceProvider);
        var anonymous = (await one.SendAsync("PUT", "/write/q")).Cookie;
        var phone = (await one.SendAsync("POST", "/in/ada.lovelace", anonymous)).Cookie;
        var laptop = (await other.SendAsync("POST", "/in/ada.lovelace")).Cookie;
        var bob = (await other.SendAsync("POST", "/in/bob")).Cookie;

        Assert.Equal("none", (await other.SendAsync("GET", "/read", anonymous)).Body);
        Assert.Equal("q", (await other.SendAsync("GET", "/read", phone)).Body);
        Assert.Equal("2", (await other.SendAsync("GET", "/count/ada.lovelace", laptop)).Body);
        Assert.Equal("1", (await other.SendAsync("POST", "/others/ada.lovelace", laptop)).Body);
        Assert.Equal("none", (await one.SendAsync("GET", "/read", phone)).Body);
        Assert.Equal("1", (await one.SendAsync("GET", "/count/ada.lovelace", laptop)).Body);

        // All users, on both frontends.
        await one.Services.GetRequiredService<ISessionAdministration>().EndAllAsync(TestContext.Current.CancellationToken);
        Assert.Equal("0", (await one.SendAsync("GET", "/count/ada.lovelace", laptop)).Body);
        Assert.Equal("0", (await other.SendAsync("GET", "/count/bob", bob)).Body);

        // The row of a list says nothing of who it is.
        var again = (await one.SendAsync("POST", "/in/ada.lovelace")).Cookie;
        Assert.NotNull(again);
        Assert.All(cluster.Store.RowsOf("subject").Values, static row => Assert.DoesNotContain("ada.lovelace", System.Text.Encoding.Latin1.GetString(row), StringComparison.Ordinal));
    }

    private static Task<WebFrontend> StartAsync(SessionCluster cluster, IServiceProvider? silo) => WebFrontend.StartAsync(cluster, silo: silo, routes: static app =>
    {
        app.MapPost("/in/{user}", static async (IServerSession session, string user) => await session.BindToAsync(user));
        app.MapGet("/count/{user}", static async (IServerSessionSubjects subjects, string user) => Results.Text($"{(await subjects.ListAsync(user)).Sessions.Count}"));
        app.MapPost("/others/{user}", static async (IServerSession session, IServerSessionSubjects subjects, string user) =>
            Results.Text($"{(await session.ExistsAsync() ? await subjects.EndOthersAsync(user, session.Id!.Value) : -1)}"));
    });
}
