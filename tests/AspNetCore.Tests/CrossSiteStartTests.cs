using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace ServerSession.Tests;

/// <summary>A request of another site arrives without the SameSite cookie, so a session that it starts takes the place of the user's.</summary>
public sealed class CrossSiteStartTests
{
    private static Task<TestApp> StartAsync(CrossSiteStartPolicy policy, Action<ServerSessionOptions>? options = null, Server server = Server.Memory) => TestApp.StartAsync(new TestSetup
    {
        Server = server,
        Options = current =>
        {
            current.CrossSiteStart = policy;
            current.Header = "Session-Token";
            options?.Invoke(current);
        },
        Inside = static app =>
        {
            app.MapGet("/set", (HttpContext context) => context.GetServerSession().Set("a", "one"));
            app.MapPost("/set", (HttpContext context) => context.GetServerSession().Set("a", "two"));
            app.MapPost("/increment", async (HttpContext context) => await context.GetServerSession().IncrementAsync("n"));
            app.MapPost("/read", async (HttpContext context) => await context.GetServerSession().GetAsync<string>("a") ?? "none");
            app.MapPost("/remove", (HttpContext context) => context.GetServerSession().Remove("a"));
            app.MapPost("/return", static () => Results.Redirect("/set", permanent: false, preserveMethod: false));
        },
    });

    private static Task<HttpResponseMessage> SendAsync(TestApp app, string path, string? token = null, string site = "cross-site", HttpMethod? method = null, string? mode = null) =>
        app.SendAsync(path, token, method ?? HttpMethod.Post, headers =>
        {
            headers.Add("Sec-Fetch-Site", site);
            if (mode is not null)
            {
                headers.Add("Sec-Fetch-Mode", mode);
            }
        });

    private static string[] Warnings(TestApp app) => app.Logs.Lines.Where(static line => line.Contains("CrossSiteSessionStart", StringComparison.Ordinal)).ToArray();

    [Theory]
    [InlineData(Server.Memory)]
    [InlineData(Server.Http1)]
    [InlineData(Server.Http2)]
    public async Task Start_across_sites_is_allowed_by_default_with_one_warning(Server server)
    {
        await using var app = await StartAsync(new ServerSessionOptions().CrossSiteStart, server: server);

        Assert.NotNull((await SendAsync(app, "/set")).Token());
        Assert.NotNull((await SendAsync(app, "/increment")).Token());

        var warning = Assert.Single(Warnings(app));
        Assert.StartsWith("Warning ", warning, StringComparison.Ordinal);
        Assert.Contains("ServerSession:CrossSiteStart", warning, StringComparison.Ordinal);
        Assert.Contains("303", warning, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/set", "POST", null)]
    [InlineData("/increment", "POST", null)]
    [InlineData("/set", "GET", null)]
    [InlineData("/set", "GET", "navigate")]
    [InlineData("/set", "GET", "no-cors")]
    public async Task Start_across_sites_is_403_where_it_is_refused(string path, string method, string? mode)
    {
        await using var app = await StartAsync(CrossSiteStartPolicy.Refuse, server: Server.Http1);

        var response = await SendAsync(app, path, method: new HttpMethod(method), mode: mode);

        Assert.Equal(403, (int)response.StatusCode);
        Assert.Contains("another site", (await response.ProblemAsync()).GetProperty("detail").GetString(), StringComparison.Ordinal);
        Assert.Empty(response.SetCookies());
        Assert.Empty(app.Store.Calls);
        Assert.Empty(Warnings(app));
    }

    [Theory]
    [InlineData("same-origin")]
    [InlineData("same-site")]
    [InlineData("none")]
    public async Task Start_from_the_own_site_is_never_refused(string site)
    {
        await using var app = await StartAsync(CrossSiteStartPolicy.Refuse);

        Assert.NotNull((await SendAsync(app, "/set", site: site)).Token());
    }

    [Fact]
    public async Task Request_across_sites_that_starts_nothing_or_brings_a_token_is_served()
    {
        await using var app = await StartAsync(CrossSiteStartPolicy.Refuse);
        var token = await app.NewSessionAsync();

        Assert.Equal("none", await (await SendAsync(app, "/read")).Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        Assert.Equal(200, (int)(await SendAsync(app, "/remove")).StatusCode);
        Assert.Equal(200, (int)(await SendAsync(app, "/set", token)).StatusCode);
        Assert.Equal("two", await (await SendAsync(app, "/read", token)).Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        Assert.Single(app.Store.Creates);
    }

    [Theory]
    [InlineData("junk")]
    [InlineData("")]
    public async Task Cookie_that_is_no_token_does_not_count(string cookie)
    {
        await using var app = await StartAsync(CrossSiteStartPolicy.Refuse);

        Assert.Equal(403, (int)(await SendAsync(app, "/set", cookie)).StatusCode);
        Assert.Equal(403, (int)(await SendAsync(app, "/set", new string('A', SessionToken.EncodedLength))).StatusCode);
    }

    /// <summary>A script sends its token by itself; there is no cookie to replace.</summary>
    [Fact]
    public async Task Header_of_a_script_is_not_meant()
    {
        await using var app = await StartAsync(CrossSiteStartPolicy.Refuse);

        var response = await app.SendAsync("/set", method: HttpMethod.Post, headers: static headers =>
        {
            headers.Add("Sec-Fetch-Site", "cross-site");
            headers.Add("Session-Token", "new");
        });

        Assert.True(response.Headers.Contains("Session-Token"));
    }

    /// <summary>A visitor who follows a link: the browser would have sent a Lax cookie, so nothing is replaced.</summary>
    [Fact]
    public async Task Link_from_another_site_is_no_warning()
    {
        await using var lax = await StartAsync(CrossSiteStartPolicy.Allow);
        await using var strict = await StartAsync(CrossSiteStartPolicy.Allow, static options => options.Cookie.SameSite = SameSiteMode.Strict);

        await SendAsync(lax, "/set", method: HttpMethod.Get, mode: "navigate");
        await SendAsync(strict, "/set", method: HttpMethod.Get, mode: "navigate");

        Assert.Empty(Warnings(lax));
        Assert.Single(Warnings(strict));
    }

    [Fact]
    public async Task Header_that_is_repeated_counts_as_cross_site_if_any_of_it_says_so()
    {
        await using var app = await StartAsync(CrossSiteStartPolicy.Refuse);

        var response = await app.SendAsync("/set", method: HttpMethod.Post, headers: static headers =>
        {
            headers.TryAddWithoutValidation("Sec-Fetch-Site", "same-origin");
            headers.TryAddWithoutValidation("Sec-Fetch-Site", "cross-site");
        });

        Assert.Equal(403, (int)response.StatusCode);
    }
}
