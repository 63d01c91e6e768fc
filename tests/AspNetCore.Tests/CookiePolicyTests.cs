using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.CookiePolicy;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace ServerSession.Tests;

/// <summary>The application's cookie policy holds for the session's cookie, and what it does to it is noticed.</summary>
public sealed class CookiePolicyTests
{
    private static readonly Server[] Servers = [Server.Memory, Server.Http1];

    public static TheoryData<Server, bool> Orders => new(from server in Servers from outside in new[] { true, false } select (server, outside));

    private static Task<TestApp> StartAsync(Server server, bool outside, CookiePolicyOptions policy, Action<ServerSessionOptions>? options = null, Action<WebApplication>? map = null) =>
        TestApp.StartAsync(new TestSetup
        {
            Server = server,
            Options = options ?? (static _ => { }),
            Outside = app =>
            {
                if (outside)
                {
                    app.UseCookiePolicy(policy);
                }
            },
            Inside = app =>
            {
                if (!outside)
                {
                    app.UseCookiePolicy(policy);
                }

                app.MapGet("/set", (HttpContext context) => context.GetServerSession().Set("a", "one"));
                app.MapGet("/read", async (HttpContext context) => await context.GetServerSession().GetAsync<string>("a") ?? "none");
                app.MapGet("/destroy", async (HttpContext context) => await context.GetServerSession().DestroyAsync());
                app.MapGet("/rotate", async (HttpContext context) => await context.GetServerSession().RotateAsync());
                map?.Invoke(app);
            },
        });

    [Theory]
    [MemberData(nameof(Orders))]
    public async Task Policy_tightens_every_cookie_the_session_writes(Server server, bool outside)
    {
        await using var app = await StartAsync(
            server, outside, new CookiePolicyOptions { Secure = CookieSecurePolicy.Always, MinimumSameSitePolicy = SameSiteMode.Strict, HttpOnly = HttpOnlyPolicy.Always });

        var created = await app.SendAsync("/set");
        var rotated = await app.SendAsync("/rotate", created.Token());
        var destroyed = await app.SendAsync("/destroy", rotated.Token());

        foreach (var response in new[] { created, rotated, destroyed })
        {
            Assert.EndsWith("; path=/; secure; samesite=strict; httponly", Assert.Single(response.SetCookies()), StringComparison.Ordinal);
        }

        Assert.StartsWith("session=; expires=Thu, 01 Jan 1970 00:00:00 GMT", destroyed.SetCookies()[0], StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Orders))]
    public async Task Policy_loosens_nothing(Server server, bool outside)
    {
        await using var app = await StartAsync(server, outside, new CookiePolicyOptions { Secure = CookieSecurePolicy.None, MinimumSameSitePolicy = SameSiteMode.Unspecified });

        Assert.EndsWith("; path=/; samesite=lax; httponly", Assert.Single((await app.SendAsync("/set")).SetCookies()), StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Orders))]
    public async Task Consent_is_not_needed_for_an_essential_cookie(Server server, bool outside)
    {
        await using var app = await StartAsync(server, outside, new CookiePolicyOptions { CheckConsentNeeded = static _ => true });

        Assert.Single((await app.SendAsync("/set")).SetCookies());
        Assert.DoesNotContain(app.Logs.Lines, static line => line.Contains("SessionCookieWithheld", StringComparison.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Orders))]
    public async Task Cookie_that_is_not_essential_waits_for_consent(Server server, bool outside)
    {
        await using var app = await StartAsync(
            server, outside, new CookiePolicyOptions { CheckConsentNeeded = static _ => true }, static options => options.Cookie.IsEssential = false,
            static app => app.MapGet("/consent", (HttpContext context) =>
            {
                context.Features.Get<ITrackingConsentFeature>()!.GrantConsent();
                context.GetServerSession().Set("a", "one");
            }));

        var withheld = await app.SendAsync("/set");
        var consented = await app.SendAsync("/consent");

        Assert.Empty(withheld.SetCookies());
        Assert.Equal("no-store", withheld.Headers.CacheControl?.ToString());
        Assert.NotNull(consented.Token());
        Assert.Equal("one", await app.GetTextAsync("/read", consented.Token()));
        Assert.Contains(app.Logs.Lines, static line => line.StartsWith("Debug SessionCookieWithheld", StringComparison.Ordinal));
        Assert.DoesNotContain(app.Logs.Lines, static line => line.Contains("SessionCookieChanged", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("value")]
    [InlineData("name")]
    [InlineData("drop")]
    public async Task Cookie_changed_behind_the_session_is_one_warning(string how)
    {
        await using var app = await StartAsync(Server.Http1, outside: true, new CookiePolicyOptions
        {
            OnAppendCookie = append =>
            {
                if (how == "value")
                {
                    append.CookieValue = append.CookieValue[..^1];
                }
                else if (how == "name")
                {
                    append.CookieName = "other";
                }
                else
                {
                    append.IssueCookie = false;
                }
            },
        });

        await app.SendAsync("/set");
        var second = await app.SendAsync("/set");

        Assert.Equal(how != "drop", second.Headers.Contains("Set-Cookie"));
        var warning = Assert.Single(app.Logs.Lines, static line => line.Contains("SessionCookieChanged", StringComparison.Ordinal));
        Assert.StartsWith("Warning ", warning, StringComparison.Ordinal);
    }

    /// <summary>Of two Set-Cookie lines for one cookie, nobody knows which counts; the session's is the one that is true.</summary>
    [Theory]
    [InlineData(Server.Memory)]
    [InlineData(Server.Http1)]
    [InlineData(Server.Http2)]
    public async Task Cookie_of_the_application_with_the_same_name_is_replaced(Server server)
    {
        await using var app = await StartAsync(server, outside: true, new CookiePolicyOptions(), map: static app => app.MapGet("/both", (HttpContext context) =>
        {
            context.Response.Cookies.Append("session", "application");
            context.Response.Cookies.Append("sessions", "another");
            context.Response.Cookies.Append("session", "", new CookieOptions { Path = "/old", Expires = DateTimeOffset.UnixEpoch });
            context.GetServerSession().Set("a", "one");
        }));

        var response = await app.SendAsync("/both");

        Assert.Equal(3, response.SetCookies().Length);
        Assert.StartsWith("sessions=another;", response.SetCookies()[0], StringComparison.Ordinal);
        Assert.Contains("path=/old", response.SetCookies()[1], StringComparison.Ordinal);
        Assert.Equal("one", await app.GetTextAsync("/read", response.Token()));
    }

    [Fact]
    public async Task Cookie_is_seen_by_what_replaces_the_cookies_of_the_response()
    {
        await using var app = await StartAsync(Server.Memory, outside: true, new CookiePolicyOptions { OnAppendCookie = static append => append.CookieOptions.Extensions.Add("Partitioned") });

        Assert.EndsWith("; Partitioned", Assert.Single((await app.SendAsync("/set")).SetCookies()), StringComparison.OrdinalIgnoreCase);
    }
}
