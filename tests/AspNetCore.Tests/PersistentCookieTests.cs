using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace ServerSession.Tests;

/// <summary>A persistent cookie is written again while its session is used, at most once per tenth of its life, on every frontend.</summary>
public sealed class PersistentCookieTests
{
    private static readonly TimeSpan Life = TimeSpan.FromHours(10);
    private static readonly TimeSpan Tenth = Life / 10;

    private static Task<TestApp> StartAsync(Server server = Server.Memory, bool adapter = false, TimeSpan? life = null, bool persistent = true) => TestApp.StartAsync(new TestSetup
    {
        Server = server,
        Options = options =>
        {
            options.IdleTimeout = TimeSpan.FromHours(2);
            options.Cookie.MaxAge = persistent ? life ?? Life : null;
            options.Header = "Session-Token";
        },
        Sessions = sessions =>
        {
            if (adapter)
            {
                sessions.AddAspNetCoreSession();
            }
        },
        Inside = static app =>
        {
            app.MapGet("/set", (HttpContext context) => context.GetServerSession().Set("a", "one"));
            app.MapGet("/read", async (HttpContext context) => await context.GetServerSession().GetAsync<string>("a") ?? "none");
            app.MapGet("/cached", async (HttpContext context) =>
            {
                context.Response.Headers.CacheControl = "public, max-age=60";
                await context.GetServerSession().ExistsAsync();
            });
            app.MapGet("/untouched", static () => "untouched");
            app.MapGet("/rotate", async (HttpContext context) => await context.GetServerSession().RotateAsync());
            app.MapGet("/destroy", async (HttpContext context) => await context.GetServerSession().DestroyAsync());
            app.MapGet("/late", async (HttpContext context) =>
            {
                await context.Response.WriteAsync("text");
                await context.GetServerSession().ExistsAsync();
            });
        },
    });

    [Theory]
    [InlineData(Server.Memory)]
    [InlineData(Server.Http1)]
    [InlineData(Server.Http2)]
    public async Task Cookie_in_use_is_renewed_once_per_tenth_of_its_life(Server server)
    {
        await using var app = await StartAsync(server);
        var cookie = await app.NewSessionAsync();

        for (var tenth = 0; tenth < 15; tenth++)
        {
            app.Time.Advance(Tenth - TimeSpan.FromSeconds(1));
            Assert.Empty((await app.SendAsync("/read", cookie)).SetCookies());
            Assert.Empty((await app.SendAsync("/set", cookie)).SetCookies());
            app.Time.Advance(TimeSpan.FromSeconds(1));

            var renewed = await app.SendAsync(tenth % 2 == 0 ? "/read" : "/set", cookie);

            var line = Assert.Single(renewed.SetCookies());
            Assert.Contains("; max-age=36000; path=/; samesite=lax; httponly", line, StringComparison.Ordinal);
            Assert.NotEqual(cookie, renewed.Token());
            cookie = renewed.Token()!;
            Assert.Equal("one", await app.GetTextAsync("/read", cookie));
        }

        // Longer than the cookie's life, and still the same session.
        Assert.Equal(1, app.Store.Count);
        Assert.Single(app.Store.Creates);
    }

    [Fact]
    public async Task Renewal_costs_no_call_and_no_write_of_its_own()
    {
        await using var app = await StartAsync();
        var cookie = await app.NewSessionAsync();
        app.Time.Advance(Tenth);

        Assert.Single((await app.SendAsync("/read", cookie)).SetCookies());

        Assert.Equal(["open"], app.Store.TakeCalls());
    }

    [Fact]
    public async Task Renewal_keeps_the_token_and_is_no_store()
    {
        await using var app = await StartAsync();
        var cookie = await app.NewSessionAsync();
        app.Time.Advance(Tenth);

        var renewed = await app.SendAsync("/cached", cookie);

        Assert.Equal(cookie[..SessionToken.EncodedLength], renewed.Token()![..SessionToken.EncodedLength]);
        Assert.Equal("no-store", renewed.Headers.CacheControl?.ToString());
        Assert.Equal("public, max-age=60", (await app.SendAsync("/cached", renewed.Token())).Headers.CacheControl?.ToString());
    }

    [Theory]
    [InlineData("/untouched")]
    [InlineData("/late")]
    [InlineData("/destroy")]
    public async Task Request_that_does_not_use_the_session_in_time_renews_nothing(string path)
    {
        await using var app = await StartAsync(Server.Http1);
        var cookie = await app.NewSessionAsync();
        app.Time.Advance(Tenth);

        Assert.Null((await app.SendAsync(path, cookie)).Token());
    }

    [Fact]
    public async Task Request_whose_session_was_only_loaded_for_it_renews_nothing()
    {
        await using var app = await StartAsync(adapter: true);
        var cookie = await app.NewSessionAsync();
        app.Time.Advance(Tenth);

        Assert.Empty((await app.SendAsync("/untouched", cookie)).SetCookies());
        Assert.NotNull((await app.SendAsync("/read", cookie)).Token());
    }

    [Theory]
    [InlineData("/read")]
    [InlineData("/set")]
    public async Task Preload_renews_nothing(string path)
    {
        await using var app = await StartAsync();
        var cookie = await app.NewSessionAsync();
        app.Time.Advance(Tenth);

        Assert.Empty((await app.SendAsync(path, cookie, headers: static headers => headers.Add("Sec-Purpose", "prefetch"))).SetCookies());
    }

    [Fact]
    public async Task Session_that_ended_renews_nothing()
    {
        await using var app = await StartAsync();
        var cookie = await app.NewSessionAsync();
        app.Time.Advance(TimeSpan.FromHours(3));

        Assert.Empty((await app.SendAsync("/read", cookie)).SetCookies());
    }

    [Fact]
    public async Task Header_token_is_never_stamped_or_renewed()
    {
        await using var app = await StartAsync();
        var created = await app.SendAsync("/set", headers: static headers => headers.Add("Session-Token", "new"));
        var token = created.Headers.GetValues("Session-Token").Single();
        Assert.Equal(SessionToken.EncodedLength, token.Length);
        app.Time.Advance(Tenth);

        var read = await app.SendAsync("/read", headers: headers => headers.Add("Session-Token", token));

        Assert.False(read.Headers.Contains("Session-Token"));
        Assert.Empty(read.SetCookies());
    }

    [Fact]
    public async Task Rotation_starts_the_cookies_life_again()
    {
        await using var app = await StartAsync();
        var cookie = await app.NewSessionAsync();
        app.Time.Advance(Tenth / 2);
        cookie = (await app.SendAsync("/rotate", cookie)).Token()!;
        app.Time.Advance(Tenth * 0.75);

        Assert.Empty((await app.SendAsync("/read", cookie)).SetCookies());
    }

    /// <summary>Frontends restart one by one when the setting changes; each reads what the others wrote, and no user is signed out.</summary>
    [Fact]
    public async Task Cookies_with_and_without_a_time_are_read_by_every_frontend()
    {
        await using var plain = await StartAsync(persistent: false);
        await using var persistent = await StartAsync();
        var stamped = await persistent.NewSessionAsync();
        var token = stamped[..SessionToken.EncodedLength];

        Assert.Equal("one", await persistent.GetTextAsync("/read", token));
        Assert.NotNull((await persistent.SendAsync("/read", token)).Token());
        var unstamped = await plain.NewSessionAsync();
        Assert.Equal(SessionToken.EncodedLength, unstamped.Length);
        Assert.Equal("one", await plain.GetTextAsync("/read", unstamped + stamped[SessionToken.EncodedLength..]));
        Assert.Empty((await plain.SendAsync("/read", unstamped + stamped[SessionToken.EncodedLength..])).SetCookies());
    }

    [Theory]
    [InlineData(-5, false)]
    [InlineData(5, false)]
    [InlineData(3599, false)]
    [InlineData(-3599, false)]
    [InlineData(3600, true)]
    [InlineData(-3600, true)]
    [InlineData(400_000_000, true)]
    public async Task Time_of_another_clock_counts_within_a_tenth(int secondsAhead, bool renews)
    {
        await using var app = await StartAsync();
        var token = (await app.NewSessionAsync())[..SessionToken.EncodedLength];
        var cookie = CookieStamp.Append(token, app.Time.GetUtcNow().AddSeconds(secondsAhead));

        Assert.Equal(renews, (await app.SendAsync("/read", cookie)).Token() is not null);
    }

    [Theory]
    [InlineData("{0}.")]
    [InlineData("{0}.6")]
    [InlineData("{0}.0000000g")]
    [InlineData("{0}.0000000A")]
    [InlineData("{0}.000000000")]
    [InlineData("{0}-00000000")]
    [InlineData("{0}. 0000000")]
    [InlineData("{0}.00000000.00000000")]
    public async Task Token_with_anything_but_a_time_behind_it_is_none(string value)
    {
        await using var app = await StartAsync();
        var token = (await app.NewSessionAsync())[..SessionToken.EncodedLength];
        app.Store.Calls.Clear();

        Assert.Equal("none", await app.GetTextAsync("/read", string.Format(System.Globalization.CultureInfo.InvariantCulture, value, token)));
        Assert.Empty(app.Store.Calls);
    }

    [Fact]
    public async Task Time_is_no_part_of_a_header_token()
    {
        await using var app = await StartAsync();
        var cookie = await app.NewSessionAsync();

        var response = await app.SendAsync("/read", headers: headers => headers.Add("Session-Token", cookie));

        Assert.Equal("none", await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Renewal_by_parallel_requests_keeps_the_same_token()
    {
        await using var app = await StartAsync(Server.Http1);
        var cookie = await app.NewSessionAsync();
        app.Time.Advance(Tenth);

        var renewed = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => app.SendAsync("/read", cookie)));

        Assert.Single(renewed.Select(static response => response.Token()).Distinct());
        Assert.All(renewed, static response => Assert.Equal(HttpStatusCode.OK, response.StatusCode));
    }
}
