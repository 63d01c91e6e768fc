using System.Net;
using System.Security.Claims;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using ServerSession.Tests.Support;

namespace ServerSession.Tests.Web;

/// <summary>Authentication tickets on the cluster, with two frontends that share nothing but the cluster.</summary>
public class TicketClusterTests
{
    [Fact]
    public async Task Sign_out_on_one_frontend_is_felt_on_another_by_the_next_request_and_leaves_nothing_of_the_ticket()
    {
        await using var cluster = await SessionCluster.StartAsync(1, null, SystemTime.Use);
        await using var one = await StartAsync(cluster);
        await using var other = await StartAsync(cluster);
        var visitor = new Visitor();
        await visitor.PostAsync(one, "/signin/ada.lovelace");
        var thief = visitor.Copy();
        Assert.Equal("ada.lovelace", (await visitor.GetAsync(other, "/me")).Body);
        Assert.Equal("ada.lovelace", (await thief.GetAsync(one, "/me")).Body);

        await visitor.PostAsync(one, "/signout");

        Assert.Equal(HttpStatusCode.Unauthorized, (await thief.GetAsync(other, "/me")).Status);
        Assert.Equal(HttpStatusCode.Unauthorized, (await thief.GetAsync(one, "/me")).Status);
        Assert.DoesNotContain(cluster.Store.RowsOf("session"), static row => System.Text.Encoding.UTF8.GetString(row.Value).Contains("ada.lovelace", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Five_hundred_concurrent_requests_over_two_frontends_write_nothing()
    {
        await using var cluster = await SessionCluster.StartAsync(1, null, SystemTime.Use);
        await using var one = await StartAsync(cluster);
        await using var other = await StartAsync(cluster);
        var visitor = new Visitor();
        await visitor.PostAsync(one, "/signin/ada");
        var writes = cluster.Store.Total;

        var answers = await Task.WhenAll(Enumerable.Range(0, 500).Select(number => visitor.Copy().GetAsync(number % 2 == 0 ? one : other, "/me")));

        Assert.All(answers, static answer => Assert.Equal((HttpStatusCode.OK, "ada"), answer));
        Assert.Equal((writes.Writes, writes.Clears), (cluster.Store.Total.Writes, cluster.Store.Total.Clears));
    }

    [Fact]
    public async Task Renewals_that_race_a_removal_never_bring_the_ticket_back()
    {
        await using var cluster = await SessionCluster.StartAsync(3, null, SystemTime.Use);
        await using var one = await StartAsync(cluster);
        await using var other = await StartAsync(cluster);
        var (here, there) = (Store(one), Store(other));
        for (var round = 0; round < 20; round++)
        {
            var key = await here.StoreAsync(Ticket("ada"));
            var renewals = Enumerable.Range(0, 8).Select(number => Task.Run(() => (number % 2 == 0 ? here : there).RenewAsync(key, Ticket($"renewal {number}")))).ToArray();
            await there.RemoveAsync(key);
            Assert.Null(await here.RetrieveAsync(key));
            await Task.WhenAll(renewals);

            Assert.Null(await here.RetrieveAsync(key));
            Assert.Null(await there.RetrieveAsync(key));
        }

        Assert.DoesNotContain(cluster.Store.RowsOf("session"), static row => System.Text.Encoding.UTF8.GetString(row.Value).Contains("renewal", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Tickets_of_a_user_are_listed_with_their_labels_and_ended_from_another_frontend()
    {
        await using var cluster = await SessionCluster.StartAsync(1, null, SystemTime.Use);
        await using var one = await StartAsync(cluster, static services => services.AddServerSession().AddTickets(configure: static tickets => tickets.Label = static _ => "device"));
        await using var other = await StartAsync(cluster);
        var (laptop, phone, stranger) = (new Visitor(), new Visitor(), new Visitor());
        await laptop.PostAsync(one, "/signin/ada");
        await phone.PostAsync(one, "/signin/ada");
        await phone.PostAsync(one, "/signin/ada");
        await stranger.PostAsync(one, "/signin/bob");
        var users = other.Services.GetRequiredService<IServerSessionSubjects>();

        Assert.Equal(["device", "device"], (await users.ListAsync("ada")).Sessions.Select(static session => session.Label));
        Assert.Equal(2, await users.EndAllAsync("ada"));

        Assert.Equal(HttpStatusCode.Unauthorized, (await laptop.GetAsync(one, "/me")).Status);
        Assert.Equal(HttpStatusCode.Unauthorized, (await phone.GetAsync(other, "/me")).Status);
        Assert.Equal("bob", (await stranger.GetAsync(one, "/me")).Body);
        Assert.Empty((await users.ListAsync("ada")).Sessions);
    }

    [Fact]
    public async Task Sign_in_again_at_the_maximum_of_a_user_replaces_the_ticket_and_another_device_is_refused()
    {
        await using var cluster = await SessionCluster.StartAsync(1, null, SystemTime.Use);
        await using var frontend = await StartAsync(cluster, static services => services.AddServerSession(static options => options.Subjects.MaximumSessions = 1));
        var (laptop, phone) = (new Visitor(), new Visitor());
        await laptop.PostAsync(frontend, "/signin/ada");

        Assert.Equal(HttpStatusCode.Conflict, (await phone.PostAsync(frontend, "/signin/ada")).Status);
        Assert.Equal(HttpStatusCode.OK, (await laptop.PostAsync(frontend, "/signin/ada")).Status);

        Assert.Equal("ada", (await laptop.GetAsync(frontend, "/me")).Body);
        Assert.Equal(HttpStatusCode.Unauthorized, (await phone.GetAsync(frontend, "/me")).Status);
    }

    [Fact]
    public async Task Ticket_survives_the_end_of_its_activation_and_the_kill_of_its_silo()
    {
        await using var cluster = await SessionCluster.StartAsync(2, null, SystemTime.Use);
        await using var frontend = await StartAsync(cluster);
        var visitor = new Visitor();
        await visitor.PostAsync(frontend, "/signin/ada");

        await cluster.KillAsync(cluster.Silos[1]);

        await SessionCluster.UntilAsync(async () => (await visitor.GetAsync(frontend, "/me")) is (HttpStatusCode.OK, "ada"), "the ticket is read from the other silo");
    }

    internal static Task<WebFrontend> StartAsync(SessionCluster cluster, Action<IServiceCollection>? services = null, Action<WebApplication>? routes = null) => WebFrontend.StartAsync(
        cluster,
        services: collection =>
        {
            collection.AddServerSession().AddTickets();
            collection.AddDataProtection().SetApplicationName("test").PersistKeysToServerSession();
            collection.AddAuthentication(CookieAuthenticationDefaults.AuthenticationScheme);
            collection.AddAuthentication().AddCookie(static options => options.Events.OnRedirectToLogin = static context =>
            {
                context.Response.StatusCode = StatusCodes.Status401Unauthorized;
                return Task.CompletedTask;
            });
            services?.Invoke(collection);
        },
        routes: app =>
        {
            app.UseAuthentication();
            app.MapPost("/signin/{name}", static (HttpContext context, string name) => context.SignInAsync(Ticket(name).Principal));
            app.MapPost("/signout", static (HttpContext context) => context.SignOutAsync());
            app.MapGet("/me", static (HttpContext context) =>
                context.User.Identity is { IsAuthenticated: true, Name: { } name } ? Results.Text(name) : Results.Unauthorized());
            routes?.Invoke(app);
        });

    private static AuthenticationTicket Ticket(string name) => new(
        new ClaimsPrincipal(new ClaimsIdentity([new Claim(ClaimTypes.Name, name), new Claim(ClaimTypes.NameIdentifier, name)], "test")), CookieAuthenticationDefaults.AuthenticationScheme);

    private static ITicketStore Store(WebFrontend frontend) => frontend.Services.GetRequiredService<IOptionsMonitor<CookieAuthenticationOptions>>()
        .Get(CookieAuthenticationDefaults.AuthenticationScheme).SessionStore!;
}
