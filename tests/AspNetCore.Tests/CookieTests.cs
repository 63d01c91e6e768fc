using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace ServerSession.Tests;

/// <summary>What the cookie looks like, when it is written, and what is accepted as one (guarantees: the token is a secret, and requests without a valid token are cheap).</summary>
public sealed class CookieTests
{
    private static void Map(WebApplication app)
    {
        app.MapGet("/set", (HttpContext context) => context.GetServerSession().Set("a", "one"));
        app.MapGet("/read", async (HttpContext context) => await context.GetServerSession().GetAsync<string>("a") ?? "none");
        app.MapGet("/destroy", async (HttpContext context) => await context.GetServerSession().DestroyAsync());
        app.MapGet("/destroy-set", async (HttpContext context) =>
        {
            await context.GetServerSession().DestroyAsync();
            context.GetServerSession().Set("a", "two");
        });
        app.MapGet("/rotate", async (HttpContext context) => await context.GetServerSession().RotateAsync());
    }

    [Theory]
    [InlineData("Production", "__Host-session=", "; path=/; secure; samesite=lax; httponly")]
    [InlineData("Development", "session=", "; path=/; samesite=lax; httponly")]
    public async Task Cookie_in_each_environment_has_its_attributes(string environment, string start, string end)
    {
        await using var app = await TestApp.StartAsync(new TestSetup { Environment = environment, Inside = Map });

        var cookie = Assert.Single((await app.SendAsync("/set")).SetCookies());

        Assert.StartsWith(start, cookie, StringComparison.Ordinal);
        Assert.EndsWith(end, cookie, StringComparison.Ordinal);
        Assert.Equal(start.Length + SessionToken.EncodedLength + end.Length, cookie.Length);
    }

    [Fact]
    public async Task Cookie_with_a_max_age_is_persistent()
    {
        await using var app = await TestApp.StartAsync(new TestSetup { Inside = Map, Options = static options => options.Cookie.MaxAge = TimeSpan.FromHours(1) });

        Assert.Contains("; max-age=3600;", Assert.Single((await app.SendAsync("/set")).SetCookies()), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Cookie_is_not_written_by_later_writes_and_reads()
    {
        await using var app = await TestApp.StartAsync(Map);
        var token = await app.NewSessionAsync();

        Assert.Empty((await app.SendAsync("/set", token)).SetCookies());
        Assert.Empty((await app.SendAsync("/read", token)).SetCookies());
    }

    [Fact]
    public async Task Destroy_expires_the_cookie_and_clears_the_caches()
    {
        await using var app = await TestApp.StartAsync(Map);
        var token = await app.NewSessionAsync();

        var response = await app.SendAsync("/destroy", token);

        Assert.StartsWith("session=; expires=Thu, 01 Jan 1970", Assert.Single(response.SetCookies()), StringComparison.Ordinal);
        Assert.Equal("\"cache\", \"prefetchCache\", \"prerenderCache\"", response.Headers.GetValues("Clear-Site-Data").Single());
        Assert.Equal("none", await app.GetTextAsync("/read", token));
        Assert.Equal(0, app.Store.Count);
    }

    [Fact]
    public async Task Destroy_then_set_starts_a_fresh_session()
    {
        await using var app = await TestApp.StartAsync(Map);
        var token = await app.NewSessionAsync();

        var response = await app.SendAsync("/destroy-set", token);

        Assert.Equal("two", await app.GetTextAsync("/read", response.Token()));
        Assert.Equal(2, app.Store.Creates.Select(static create => create.Id).Distinct().Count());
        Assert.Single(response.SetCookies());
    }

    [Theory]
    [InlineData("/read", true)]
    [InlineData("/rotate", true)]
    [InlineData("/set", true)]
    [InlineData("/read", false)]
    [InlineData("/rotate", false)]
    public async Task Request_that_finds_its_session_gone_or_stale_leaves_the_cookie_unless_it_starts_a_new_one(string path, bool rotated)
    {
        await using var app = await TestApp.StartAsync(Map);
        var token = await app.NewSessionAsync();
        await app.SendAsync(rotated ? "/rotate" : "/destroy", token);

        Assert.Empty((await app.SendAsync(path, token)).SetCookies());
    }

    [Fact]
    public async Task Rotate_replaces_the_token_and_keeps_id_and_data()
    {
        await using var app = await TestApp.StartAsync(Map);
        var token = await app.NewSessionAsync();

        var rotated = (await app.SendAsync("/rotate", token)).Token();

        Assert.NotEqual(token, rotated);
        Assert.Equal("one", await app.GetTextAsync("/read", rotated));
        Assert.Equal("none", await app.GetTextAsync("/read", token));
        Assert.Equal(1, app.Store.Count);
    }

    [Fact]
    public async Task Destroy_with_a_token_just_replaced_is_409_and_ends_nothing()
    {
        await using var app = await TestApp.StartAsync(Map);
        var token = await app.NewSessionAsync();
        var rotated = (await app.SendAsync("/rotate", token)).Token();

        Assert.Equal(HttpStatusCode.Conflict, (await app.SendAsync("/destroy", token)).StatusCode);

        Assert.Equal("one", await app.GetTextAsync("/read", rotated));
    }

    public static TheoryData<string, Func<string, string>> Forgeries => new()
    {
        { "empty", static _ => "" },
        { "short", static token => token[1..] },
        { "long", static token => token + "A" },
        { "first", static token => "B" + token[1..] },
        { "last", static token => token[..^1] + (token[^1] == 'A' ? 'B' : 'A') },
        { "swapped", static token => token[..40] + new string(token[40..].Reverse().ToArray()) },
        { "quoted", static token => $"\"{token}\"" },
        { "padded", static token => token[..^1] + "=" },
        { "plain", static _ => new string('A', SessionToken.EncodedLength) },
        { "non-ascii", static token => token[..^1] + "\u00e9" },
    };

    [Theory]
    [MemberData(nameof(Forgeries))]
    public async Task Read_with_a_forged_token_makes_no_call(string name, Func<string, string> forge)
    {
        await using var app = await TestApp.StartAsync(Map);
        var token = await app.NewSessionAsync();

        Assert.True("none" == await app.GetTextAsync("/read", forge(token)), name);

        Assert.Empty(app.Store.Calls);
    }

    [Fact]
    public async Task Read_with_a_token_of_another_key_makes_no_call()
    {
        await using var other = await TestApp.StartAsync(new TestSetup
        {
            Inside = Map,
            Options = static options =>
            {
                options.SigningKeys.Clear();
                options.SigningKeys.Add(Convert.ToBase64String(Enumerable.Range(1, 32).Select(static index => (byte)index).ToArray()));
            },
        });
        await using var app = await TestApp.StartAsync(Map);

        Assert.Equal("none", await app.GetTextAsync("/read", await other.NewSessionAsync()));

        Assert.Empty(app.Store.Calls);
    }

    [Theory]
    [InlineData("session=junk; session={0}", "one")]
    [InlineData("session={0}; session=junk", "one")]
    [InlineData("session={0}; session={0}", "one")]
    [InlineData("other=1;session={0};more=2", "one")]
    [InlineData(" session={0} ", "one")]
    [InlineData("Session={0}", "none")]
    [InlineData("xsession={0}", "none")]
    [InlineData("session ={0}", "none")]
    [InlineData("session={0}; session={1}", "one")]
    [InlineData("session={1}; session={0}", "one")]
    public async Task Read_with_several_cookies_takes_the_first_valid_token(string cookies, string expected)
    {
        await using var app = await TestApp.StartAsync(Map);
        var first = await app.NewSessionAsync();
        var second = await app.NewSessionAsync();

        var response = await app.SendAsync("/read", headers: headers =>
            headers.TryAddWithoutValidation("Cookie", string.Format(System.Globalization.CultureInfo.InvariantCulture, cookies, first, second)));

        Assert.Equal(expected, await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        Assert.Equal(expected == "one" ? ["open"] : [], app.Store.TakeCalls());
    }
}
