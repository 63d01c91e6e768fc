using System.Net;
using System.Security.Claims;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace ServerSession.Tests;

/// <summary>An application whose cookie authentication keeps its tickets in sessions, and a client of it.</summary>
internal static class TicketApp
{
    public const string CookieName = ".AspNetCore.Cookies";

    public static Task<TestApp> StartAsync(
        Action<CookieAuthenticationOptions>? cookies = null, Action<ServerSessionTicketOptions>? tickets = null, Action<IServiceCollection>? services = null,
        Action<ServerSessionOptions>? options = null, Action<WebApplication>? inside = null) =>
        TestApp.StartAsync(new TestSetup
        {
            Options = options ?? (static _ => { }),
            Services = collection =>
            {
                collection.AddDataProtection().UseEphemeralDataProtectionProvider();
                collection.AddAuthentication(CookieAuthenticationDefaults.AuthenticationScheme).AddCookie(options =>
                {
                    options.ExpireTimeSpan = TimeSpan.FromMinutes(20);
                    options.Events.OnRedirectToLogin = static context =>
                    {
                        context.Response.StatusCode = StatusCodes.Status401Unauthorized;
                        return Task.CompletedTask;
                    };
                    cookies?.Invoke(options);
                });
                collection.AddAuthorization();
                services?.Invoke(collection);
            },
            Sessions = sessions => sessions.AddTickets(configure: tickets),
            Inside = app =>
            {
                app.UseAuthentication();
                inside?.Invoke(app);
                app.MapPost("/signin/{name}", static async (HttpContext context, string name, int? claims, bool? persistent) =>
                {
                    var properties = new AuthenticationProperties { IsPersistent = persistent ?? false };
                    await context.SignInAsync(Principal(name, claims ?? 1), properties);
                    if (name == "twice")
                    {
                        await context.SignInAsync(Principal(name, claims ?? 1), new AuthenticationProperties());
                    }
                });
                app.MapPost("/in-and-out", static async (HttpContext context) =>
                {
                    await context.SignInAsync(Principal("brief", 1));
                    await context.SignOutAsync();
                });
                app.MapPost("/signout", static (HttpContext context) => context.SignOutAsync());
                app.MapGet("/slow", static () => "done");
                app.MapGet("/rename", static () => "done");
                app.MapGet("/times", static async (HttpContext context) =>
                    await context.AuthenticateAsync() is { Properties: { } properties } ? $"{properties.IssuedUtc:O} {properties.ExpiresUtc:O}" : "none");
                app.MapGet("/me", static (HttpContext context) => context.User.Identity is { IsAuthenticated: true, Name: { } name }
                    ? Results.Text($"{name} {context.User.FindAll("role").Count()}")
                    : Results.Unauthorized());
            },
        });

    public static ClaimsPrincipal Principal(string name, int claims) => new(new ClaimsIdentity(
        [new Claim(ClaimTypes.Name, name), .. Enumerable.Range(0, claims).Select(static number => new Claim("role", $"role {number}"))], "test"));

    public static async Task<(HttpStatusCode Status, string Cookie)> SignInAsync(TestApp app, string name, string? cookie = null, int claims = 1, bool persistent = false)
    {
        var (status, _, set) = await SendAsync(app, "POST", $"/signin/{name}?claims={claims}&persistent={persistent}", cookie);
        return (status, set ?? "");
    }

    public static async Task<(HttpStatusCode Status, string Body, string? Cookie)> SendAsync(TestApp app, string method, string path, string? cookie)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        if (cookie is { Length: > 0 })
        {
            request.Headers.TryAddWithoutValidation("Cookie", $"{CookieName}={cookie}");
        }

        using var response = await app.Client.SendAsync(request, TestContext.Current.CancellationToken);
        var set = response.Headers.TryGetValues("Set-Cookie", out var values)
            ? values.LastOrDefault(static value => value.StartsWith($"{CookieName}=", StringComparison.Ordinal) && !value.StartsWith($"{CookieName}=;", StringComparison.Ordinal))
            : null;
        return (response.StatusCode, await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), set?.Split(';')[0][(CookieName.Length + 1)..]);
    }

    public static CookieAuthenticationOptions Options(TestApp app) =>
        app.Services.GetRequiredService<IOptionsMonitor<CookieAuthenticationOptions>>().Get(CookieAuthenticationDefaults.AuthenticationScheme);

    public static ITicketStore Store(TestApp app) => Options(app).SessionStore!;

    public static string KeyIn(TestApp app, string cookie) => Assert.Single(Options(app).TicketDataFormat.Unprotect(cookie)!.Principal.Claims).Value;

    public sealed class CountingEvents : CookieAuthenticationEvents
    {
        public int SignIns { get; private set; }

        public int SignedIns { get; private set; }

        public int SignOuts { get; private set; }

        public int Validations { get; private set; }

        public override Task SigningIn(CookieSigningInContext context)
        {
            SignIns++;
            return Task.CompletedTask;
        }

        public override Task SignedIn(CookieSignedInContext context)
        {
            SignedIns++;
            return Task.CompletedTask;
        }

        public override Task SigningOut(CookieSigningOutContext context)
        {
            SignOuts++;
            return Task.CompletedTask;
        }

        public override Task ValidatePrincipal(CookieValidatePrincipalContext context)
        {
            Validations++;
            return Task.CompletedTask;
        }
    }
}
