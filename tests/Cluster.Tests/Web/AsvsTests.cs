using System.Net;
using System.Security.Claims;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using ServerSession.Tests.Support;

namespace ServerSession.Tests.Web;

/// <summary>The items of OWASP ASVS 5.0 that a session library can show, one test each, named by its item: docs/security.md has the table.</summary>
public sealed class AsvsTests(AsvsTests.Site site) : IClassFixture<AsvsTests.Site>
{
    private const string SessionCookie = "__Host-session";
    private const string TicketCookie = "__Host-ticket";

    [Fact]
    public async Task Asvs_3_3_1_cookies_are_secure_and_say_so_in_their_names()
    {
        var visitor = await SignedInAsync("3-3-1");

        Assert.Equal([SessionCookie, TicketCookie], visitor.LastSetCookies.Select(static header => header.Split('=')[0]).Order(StringComparer.Ordinal));
        Assert.All(visitor.LastSetCookies, static header => Assert.Contains("; secure", header, StringComparison.OrdinalIgnoreCase));
    }

    [Fact]
    public async Task Asvs_3_3_2_cookies_are_kept_from_requests_of_other_sites()
    {
        var visitor = await SignedInAsync("3-3-2");

        Assert.All(visitor.LastSetCookies, static header => Assert.Contains("; samesite=lax", header, StringComparison.OrdinalIgnoreCase));
    }

    [Fact]
    public async Task Asvs_3_3_3_cookies_are_bound_to_their_host()
    {
        var visitor = await SignedInAsync("3-3-3");

        Assert.All(visitor.LastSetCookies, static header =>
        {
            Assert.StartsWith("__Host-", header, StringComparison.Ordinal);
            Assert.Contains("; path=/;", header, StringComparison.OrdinalIgnoreCase);
            Assert.DoesNotContain("domain=", header, StringComparison.OrdinalIgnoreCase);
        });
    }

    [Fact]
    public async Task Asvs_3_3_4_token_is_out_of_reach_of_scripts_and_stands_in_set_cookie_only()
    {
        var visitor = await SignedInAsync("3-3-4");
        Assert.All(visitor.LastSetCookies, static header => Assert.Contains("; httponly", header, StringComparison.OrdinalIgnoreCase));
        string[] tokens = [.. visitor.Cookies.Values];

        foreach (var path in new[] { "/read", "/me", "/id" })
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, path);
            request.Headers.TryAddWithoutValidation("Cookie", string.Join("; ", visitor.Cookies.Select(static cookie => $"{cookie.Key}={cookie.Value}")));
            using var response = await site.One.Http.SendAsync(request);
            var answer = $"{response}{await response.Content.ReadAsStringAsync()}";
            Assert.DoesNotContain(tokens, token => answer.Contains(token, StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task Asvs_3_3_5_cookies_fit_whatever_the_session_holds()
    {
        var visitor = await SignedInAsync("3-3-5");
        await visitor.PostAsync(site.One, $"/write-much");

        Assert.All(visitor.Cookies, static cookie => Assert.True(cookie.Key.Length + cookie.Value.Length <= 1024, $"{cookie.Key} has {cookie.Value.Length} characters."));
    }

    [Fact]
    public async Task Asvs_7_2_1_token_is_verified_by_the_backend_whatever_the_client_says()
    {
        var visitor = await SignedInAsync("7-2-1");
        var token = visitor.Cookies[SessionCookie];
        for (var index = 0; index < token.Length; index += 7)
        {
            var forged = $"{token[..index]}{(token[index] == 'A' ? 'B' : 'A')}{token[(index + 1)..]}";
            Assert.Equal("none", (await site.Other.SendAsync("GET", "/read", forged)).Body);
        }

        Assert.Equal("secret", (await visitor.GetAsync(site.Other, "/read")).Body);
    }

    [Fact]
    public async Task Asvs_7_2_2_tokens_are_made_for_each_session()
    {
        var tokens = await Task.WhenAll(Enumerable.Range(0, 100).Select(async _ => (await site.One.SendAsync("PUT", "/write/q")).Cookie));

        Assert.Equal(100, tokens.Distinct().Count());
        Assert.All(tokens, Assert.NotNull);
    }

    [Fact]
    public void Asvs_7_2_3_tokens_have_256_random_bits()
    {
        const int Tokens = 2_000;
        const int Bytes = 32;
        var ones = new int[Bytes * 8];
        for (var number = 0; number < Tokens; number++)
        {
            var text = SessionToken.New().Encode(Key);
            var bytes = System.Buffers.Text.Base64Url.DecodeFromChars(text).AsSpan(3, Bytes);
            for (var bit = 0; bit < ones.Length; bit++)
            {
                ones[bit] += (bytes[bit / 8] >> (bit % 8)) & 1;
            }
        }

        // Twelve standard deviations: a constant or a biased bit fails, chance does not.
        Assert.All(ones, static count => Assert.InRange(count, (Tokens / 2) - 270, (Tokens / 2) + 270));
    }

    [Fact]
    public async Task Asvs_7_2_4_sign_in_rotates_the_token_and_ends_the_one_before()
    {
        var visitor = new Visitor();
        await visitor.SendAsync(site.One, "PUT", "/write/cart");
        var before = visitor.Copy();
        await visitor.PostAsync(site.One, "/signin/7-2-4");
        var first = visitor.Copy();
        await visitor.PostAsync(site.Other, "/signin/7-2-4");

        Assert.NotEqual(before.Cookies[SessionCookie], first.Cookies[SessionCookie]);
        Assert.NotEqual(first.Cookies[SessionCookie], visitor.Cookies[SessionCookie]);
        Assert.NotEqual(first.Cookies[TicketCookie], visitor.Cookies[TicketCookie]);
        Assert.Equal("none", (await before.GetAsync(site.One, "/read")).Body);
        Assert.Equal("none", (await first.GetAsync(site.Other, "/read")).Body);
        Assert.Equal(HttpStatusCode.Unauthorized, (await first.GetAsync(site.One, "/me")).Status);
        Assert.Equal("secret", (await visitor.GetAsync(site.One, "/read")).Body);
        Assert.Equal("7-2-4", (await visitor.GetAsync(site.Other, "/me")).Body);
    }

    [Fact]
    public async Task Asvs_7_3_1_session_that_is_not_used_ends()
    {
        var visitor = await SignedInAsync("7-3-1");
        site.Cluster.Clock.Advance(TimeSpan.FromMinutes(19));
        Assert.Equal(("secret", "7-3-1"), ((await visitor.GetAsync(site.One, "/read")).Body, (await visitor.GetAsync(site.One, "/me")).Body));

        site.Cluster.Clock.Advance(TimeSpan.FromMinutes(21));

        Assert.Equal("none", (await visitor.GetAsync(site.One, "/read")).Body);
        Assert.Equal(HttpStatusCode.Unauthorized, (await visitor.GetAsync(site.One, "/me")).Status);
    }

    [Fact]
    public async Task Asvs_7_3_2_session_that_is_always_used_ends_as_well()
    {
        var visitor = await SignedInAsync("7-3-2");
        for (var minutes = 0; minutes < 120; minutes += 15)
        {
            Assert.Equal(("secret", "7-3-2"), ((await visitor.GetAsync(site.One, "/read")).Body, (await visitor.GetAsync(site.One, "/me")).Body));
            site.Cluster.Clock.Advance(TimeSpan.FromMinutes(15));
        }

        Assert.Equal("none", (await visitor.GetAsync(site.One, "/read")).Body);
        Assert.Equal(HttpStatusCode.Unauthorized, (await visitor.GetAsync(site.One, "/me")).Status);
    }

    [Fact]
    public async Task Asvs_7_4_1_session_that_was_signed_out_is_of_no_further_use()
    {
        var visitor = await SignedInAsync("7-4-1");
        var thief = visitor.Copy();

        await visitor.PostAsync(site.One, "/signout");

        Assert.Equal("none", (await thief.GetAsync(site.Other, "/read")).Body);
        Assert.Equal(HttpStatusCode.Unauthorized, (await thief.GetAsync(site.Other, "/me")).Status);
    }

    [Fact]
    public async Task Asvs_7_4_2_all_sessions_of_a_disabled_user_end()
    {
        Visitor[] devices = [await SignedInAsync("7-4-2"), await SignedInAsync("7-4-2"), await SignedInAsync("7-4-2")];
        var other = await SignedInAsync("7-4-2 other");

        await site.Other.Services.GetRequiredService<IServerSessionSubjects>().EndAllAsync("7-4-2");

        foreach (var device in devices)
        {
            Assert.Equal("none", (await device.GetAsync(site.One, "/read")).Body);
            Assert.Equal(HttpStatusCode.Unauthorized, (await device.GetAsync(site.One, "/me")).Status);
        }

        Assert.Equal("7-4-2 other", (await other.GetAsync(site.One, "/me")).Body);
    }

    [Fact]
    public async Task Asvs_7_4_5_administrator_ends_the_sessions_of_one_user_and_of_all()
    {
        var (one, other) = (await SignedInAsync("7-4-5"), await SignedInAsync("7-4-5 other"));
        Assert.Equal(2, await site.One.Services.GetRequiredService<IServerSessionSubjects>().EndAllAsync("7-4-5"));
        Assert.Equal(HttpStatusCode.Unauthorized, (await one.GetAsync(site.Other, "/me")).Status);
        Assert.Equal("7-4-5 other", (await other.GetAsync(site.Other, "/me")).Body);

        await site.One.Services.GetRequiredService<ISessionAdministration>().EndAllAsync();

        Assert.Equal("none", (await other.GetAsync(site.Other, "/read")).Body);
        Assert.Equal(HttpStatusCode.Unauthorized, (await other.GetAsync(site.Other, "/me")).Status);
    }

    [Fact]
    public async Task Asvs_7_5_2_user_sees_the_active_sessions_and_ends_any_or_all_others()
    {
        var users = site.One.Services.GetRequiredService<IServerSessionSubjects>();
        Visitor[] devices = [await SignedInAsync("7-5-2"), await SignedInAsync("7-5-2"), await SignedInAsync("7-5-2")];

        // A device has two sessions: that of its data and that of its ticket.
        Assert.Equal(6, (await users.ListAsync("7-5-2")).Count);
        Assert.True(await users.EndAsync("7-5-2", await TicketIdAsync(devices[1])));
        Assert.Equal(HttpStatusCode.Unauthorized, (await devices[1].GetAsync(site.Other, "/me")).Status);
        Assert.Equal("7-5-2", (await devices[2].GetAsync(site.Other, "/me")).Body);

        await users.EndOthersAsync("7-5-2", await TicketIdAsync(devices[0]));

        Assert.Equal("7-5-2", (await devices[0].GetAsync(site.Other, "/me")).Body);
        Assert.Equal(HttpStatusCode.Unauthorized, (await devices[2].GetAsync(site.Other, "/me")).Status);
        Assert.Single((await users.ListAsync("7-5-2")).Sessions);
    }

    private static TokenSigningKey Key { get; } = new(
        System.Security.Cryptography.RandomNumberGenerator.GetBytes(TokenSigningKey.MinimumSecretBytes), DateTimeOffset.MinValue, DateTimeOffset.MaxValue);

    private async Task<SessionId> TicketIdAsync(Visitor visitor) =>
        SessionId.TryParse((await visitor.GetAsync(site.One, "/ticket-id")).Body, out var id) ? id : throw new InvalidOperationException("The visitor has no ticket.");

    private async Task<Visitor> SignedInAsync(string user)
    {
        var visitor = new Visitor();
        Assert.Equal(HttpStatusCode.OK, (await visitor.PostAsync(site.One, $"/signin/{user}")).Status);
        return visitor;
    }

    /// <summary>One silo and two frontends outside of it, on a clock that the tests move.</summary>
    public sealed class Site : IAsyncLifetime
    {
        public SessionCluster Cluster { get; private set; } = null!;

        public WebFrontend One { get; private set; } = null!;

        public WebFrontend Other { get; private set; } = null!;

        public async ValueTask InitializeAsync()
        {
            Cluster = await SessionCluster.StartAsync();
            One = await StartAsync();
            Other = await StartAsync();
        }

        public async ValueTask DisposeAsync()
        {
            await One.DisposeAsync();
            await Other.DisposeAsync();
            await Cluster.DisposeAsync();
        }

        private Task<WebFrontend> StartAsync() => WebFrontend.StartAsync(
            Cluster,
            services: services =>
            {
                services.Replace(ServiceDescriptor.Singleton<TimeProvider>(new WallClock(Cluster.Clock)));
                services.AddServerSession(static options => options.AbsoluteLifetime = TimeSpan.FromHours(2))
                    .AddTickets(configure: static tickets => tickets.AbsoluteLifetime = TimeSpan.FromHours(2));
                services.AddDataProtection().SetApplicationName("asvs").PersistKeysToServerSession();
                services.AddAuthentication(CookieAuthenticationDefaults.AuthenticationScheme).AddCookie(static options =>
                {
                    options.Cookie.Name = TicketCookie;
                    options.Cookie.SecurePolicy = CookieSecurePolicy.Always;
                    options.ExpireTimeSpan = TimeSpan.FromMinutes(20);
                });
            },
            routes: static app =>
            {
                app.UseAuthentication();
                app.MapPost("/signin/{name}", static async (HttpContext context, string name) =>
                {
                    await context.SignInAsync(new ClaimsPrincipal(new ClaimsIdentity([new Claim(ClaimTypes.NameIdentifier, name)], "test", ClaimTypes.NameIdentifier, null)));
                    var session = context.GetServerSession();
                    await session.BindToAsync(name);
                    session.Set("quote", "secret");
                });
                app.MapPost("/write-much", static (HttpContext context) => context.GetServerSession().Set("much", new string('x', 50_000)));
                app.MapPost("/signout", static async (HttpContext context) =>
                {
                    await context.SignOutAsync();
                    await context.GetServerSession().DestroyAsync();
                });
                app.MapGet("/me", static (HttpContext context) =>
                    context.User.Identity is { IsAuthenticated: true, Name: { } name } ? Results.Text(name) : Results.Unauthorized());
                app.MapGet("/id", static async (HttpContext context) => $"{await context.GetServerSession().GetKeysAsync()} {context.GetServerSession().Id}");
                app.MapGet("/ticket-id", static (HttpContext context) => $"{context.GetTicketSessionId()}");
            });
    }

    /// <summary>Tells the time of the tests' clock, and waits in real time.</summary>
    private sealed class WallClock(TimeProvider clock) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => clock.GetUtcNow();
    }
}
