using System.Net;
using System.Text;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.DependencyInjection;

namespace ServerSession.Tests;

/// <summary>HttpContext.Session over the same session: existing code, TempData and antiforgery work unchanged.</summary>
public sealed class AdapterTests
{
    private static Task<TestApp> StartAsync(Server server = Server.Memory, bool cookieTempData = false) => TestApp.StartAsync(new TestSetup
    {
        Server = server,
        Services = services =>
        {
            var mvc = services.AddControllersWithViews().AddApplicationPart(typeof(AdapterTests).Assembly);
            if (!cookieTempData)
            {
                mvc.AddSessionStateTempDataProvider();
            }
        },
        Sessions = static sessions => sessions.AddAspNetCoreSession(),
        Inside = static app =>
        {
            app.MapControllers();
            app.MapGet("/set", static (HttpContext context) => context.Session.SetString("a", "one"));
            app.MapGet("/read", static (HttpContext context) => context.Session.GetString("a") ?? "none");
            app.MapGet("/untouched", static () => "ok");
            app.MapGet("/opted-out", static (HttpContext context) => context.Session.GetString("a") ?? "none").WithSessionLoad(SessionLoadTime.OnUse);
            app.MapGet("/opted-out-load", static async (HttpContext context) =>
            {
                await context.Session.LoadAsync();
                return context.Session.GetString("a") ?? "none";
            }).WithSessionLoad(SessionLoadTime.OnUse);
            app.MapGet("/all", static (HttpContext context) =>
            {
                var session = context.Session;
                session.SetInt32("n", 7);
                session.Set("b", [1, 2, 3]);
                session.Remove("a");
                return $"{session.IsAvailable} {string.Join(',', session.Keys)} {session.GetInt32("n")} {session.Get("b")!.Length}";
            });
            app.MapGet("/clear", static (HttpContext context) => context.Session.Clear());
            app.MapGet("/id", static (HttpContext context) =>
            {
                context.Session.SetString("a", "one");
                return context.Session.Id;
            });
            app.MapGet("/commit", static async (HttpContext context) =>
            {
                context.Session.SetString("a", "committed");
                await context.Session.CommitAsync();
            });
            app.MapGet("/mutate", static (HttpContext context) =>
            {
                context.Session.TryGetValue("a", out var bytes);
                bytes![0] = (byte)'X';
            });
            app.MapGet("/mutate-after", static (HttpContext context) =>
            {
                var bytes = Encoding.UTF8.GetBytes("two");
                context.Session.Set("a", bytes);
                bytes[0] = (byte)'X';
            });
        },
    });

    [Fact]
    public async Task Session_written_by_one_api_is_the_session_that_the_other_reads()
    {
        await using var app = await StartAsync();
        var token = await app.NewSessionAsync();

        Assert.Equal("one", await app.GetTextAsync("/read", token));
        Assert.Equal(["open"], app.Store.TakeCalls());
        Assert.Equal("True b,n 7 3", await app.GetTextAsync("/all", token));
        Assert.Equal(["open", "commit"], app.Store.TakeCalls());
        Assert.Equal("none", await app.GetTextAsync("/read", token));
        await app.SendAsync("/clear", token);
        await app.SendAsync("/commit", token);
        Assert.Equal("committed", await app.GetTextAsync("/read", token));
    }

    [Fact]
    public async Task Session_of_an_anonymous_request_costs_nothing_until_it_writes()
    {
        await using var app = await StartAsync();

        Assert.Equal("none", await app.GetTextAsync("/read"));
        Assert.Equal("ok", await app.GetTextAsync("/untouched"));
        Assert.Empty(app.Store.Calls);
    }

    [Fact]
    public async Task Session_that_was_loaded_and_not_touched_leaves_the_response_alone()
    {
        await using var app = await StartAsync();
        var token = await app.NewSessionAsync();

        var response = await app.SendAsync("/untouched", token);

        Assert.Null(response.Headers.CacheControl);
        Assert.Equal(["open"], app.Store.TakeCalls());
    }

    [Fact]
    public async Task Id_before_the_first_write_is_the_one_that_the_session_gets()
    {
        await using var app = await StartAsync();

        var id = await app.GetTextAsync("/id");

        Assert.Equal(app.Store.Creates.Single().Id.ToString(), id);
    }

    [Theory]
    [InlineData("/mutate", "one")]
    [InlineData("/mutate-after", "two")]
    public async Task Arrays_changed_by_the_application_change_nothing_in_the_session(string path, string expected)
    {
        await using var app = await StartAsync();
        var token = await app.NewSessionAsync();

        await app.SendAsync(path, token);

        Assert.Equal(expected, await app.GetTextAsync("/read", token));
    }

    [Fact]
    public async Task Session_of_an_endpoint_that_opted_out_says_to_load_first()
    {
        await using var app = await StartAsync();
        var token = await app.NewSessionAsync();

        Assert.Equal("one", await app.GetTextAsync("/opted-out-load", token));
        Assert.Equal("none", await app.GetTextAsync("/opted-out"));

        // The framework's developer page shows the exception.
        Assert.Contains("await HttpContext.Session.LoadAsync() first", await app.GetTextAsync("/opted-out", token), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Session_that_is_unavailable_harms_only_requests_that_use_it()
    {
        await using var app = await StartAsync();
        var token = await app.NewSessionAsync();
        app.Store.Before = static _ => throw new SessionUnavailableException();

        Assert.Equal("ok", await app.GetTextAsync("/untouched", token));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await app.SendAsync("/read", token)).StatusCode);
    }

    [Theory]
    [InlineData(Server.Memory)]
    [InlineData(Server.Http1)]
    [InlineData(Server.Http2)]
    public async Task TempData_in_the_session_lives_for_one_read(Server server)
    {
        await using var app = await StartAsync(server);

        var written = await app.SendAsync("/temp/write");
        var token = written.Token();

        Assert.Equal(HttpStatusCode.Redirect, written.StatusCode);
        Assert.NotNull(token);
        Assert.Equal("saved", await app.GetTextAsync("/temp/read", token));
        Assert.Equal("none", await app.GetTextAsync("/temp/read", token));
    }

    [Theory]
    [InlineData("{")]
    [InlineData("no JSON")]
    [InlineData("[1]")]
    [InlineData("{\"message\":{\"nested\":1}}")]
    public async Task TempData_of_corrupt_bytes_is_empty_once_with_a_warning(string stored)
    {
        await using var app = await StartAsync();
        var token = (await app.SendAsync($"/temp/corrupt?stored={Uri.EscapeDataString(stored)}")).Token();

        Assert.Equal("none", await app.GetTextAsync("/temp/read", token));
        Assert.Single(app.Logs.Lines, static line => line.StartsWith("Warning TempDataUnreadable", StringComparison.Ordinal));
        Assert.Equal("none", await app.GetTextAsync("/temp/read", token));
        await app.SendAsync("/temp/write", token);
        Assert.Equal("saved", await app.GetTextAsync("/temp/read", token));
        Assert.Single(app.Logs.Lines, static line => line.StartsWith("Warning TempDataUnreadable", StringComparison.Ordinal));
    }

    [Fact]
    public async Task TempData_in_cookies_works_beside_the_session()
    {
        await using var app = await StartAsync(cookieTempData: true);

        var written = await app.SendAsync("/temp/write-both");
        var cookies = string.Join("; ", written.SetCookies().Select(static cookie => cookie.Split(';')[0]));

        Assert.Equal(2, written.SetCookies().Length);
        var read = await app.SendAsync("/temp/read-both", headers: headers => headers.Add("Cookie", cookies));
        Assert.Equal("saved one", await read.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Antiforgery_form_in_a_session_is_accepted()
    {
        await using var app = await StartAsync();
        var form = await app.SendAsync("/temp/form");
        var cookies = string.Join("; ", form.SetCookies().Select(static cookie => cookie.Split(';')[0]));
        var field = await form.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);

        using var request = new HttpRequestMessage(HttpMethod.Post, "/temp/form")
        {
            Content = new FormUrlEncodedContent([new("__RequestVerificationToken", field)]),
            Headers = { { "Cookie", cookies } },
        };
        var accepted = await app.Client.SendAsync(request, TestContext.Current.CancellationToken);

        Assert.Equal("accepted one", await accepted.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        Assert.Equal(HttpStatusCode.BadRequest, (await app.SendAsync("/temp/form", method: HttpMethod.Post)).StatusCode);
    }
}

/// <summary>Pages that use TempData and antiforgery.</summary>
[Route("temp/[action]")]
public sealed class TempController : Controller
{
    [HttpGet, ActionName("write")]
    public IActionResult Write()
    {
        TempData["message"] = "saved";
        return Redirect("/temp/read");
    }

    [HttpGet, ActionName("corrupt")]
    public void Corrupt(string? stored) => HttpContext.Session.SetString("__ControllerTempData", stored ?? "");

    [HttpGet, ActionName("read")]
    public IActionResult Read() => Content(TempData["message"] as string ?? "none");

    [HttpGet, ActionName("write-both")]
    public IActionResult WriteBoth()
    {
        HttpContext.Session.SetString("a", "one");
        TempData["message"] = "saved";
        return Content("");
    }

    [HttpGet, ActionName("read-both")]
    public IActionResult ReadBoth() => Content($"{TempData["message"]} {HttpContext.Session.GetString("a")}");

    [HttpGet, ActionName("form")]
    public IActionResult Form([FromServices] IAntiforgery antiforgery)
    {
        HttpContext.Session.SetString("a", "one");
        return Content(antiforgery.GetAndStoreTokens(HttpContext).RequestToken!);
    }

    [HttpPost, ActionName("form"), ValidateAntiForgeryToken]
    public IActionResult Post() => Content($"accepted {HttpContext.Session.GetString("a")}");
}
