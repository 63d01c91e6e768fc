using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace ServerSession.Tests;

/// <summary>
/// Several cookies of the session's name in one request, as browsers send them after the cookie's path or domain was changed: what is dead, replaced
/// or no token hides nothing that lives.
/// </summary>
public sealed class SeveralTokensTests
{
    private sealed record Sessions(string First, string Second, string Dead, string Replaced, string JustReplaced, string Better);

    private static async Task<(TestApp App, Sessions Sessions)> StartAsync()
    {
        var app = await TestApp.StartAsync(static app =>
        {
            app.MapGet("/set/{value}", static (string value, HttpContext context) => context.GetServerSession().Set("a", value));
            app.MapGet("/append/{value}", static async (string value, HttpContext context) =>
            {
                await context.GetServerSession().GetKeysAsync();
                context.GetServerSession().Set("b", value);
            });
            app.MapGet("/read", static async (HttpContext context) => await context.GetServerSession().GetAsync<string>("a") ?? "none");
            app.MapGet("/rotate", static async (HttpContext context) => await context.GetServerSession().RotateAsync());
            app.MapGet("/destroy", static async (HttpContext context) => await context.GetServerSession().DestroyAsync());
        });
        var replaced = await app.NewSessionAsync("/set/replaced");
        await app.SendAsync("/rotate", replaced);
        app.Time.Advance(TimeSpan.FromSeconds(20));
        var dead = await app.NewSessionAsync("/set/dead");
        await app.SendAsync("/destroy", dead);
        var justReplaced = await app.NewSessionAsync("/set/better");
        var better = (await app.SendAsync("/rotate", justReplaced)).Token()!;
        var sessions = new Sessions(await app.NewSessionAsync("/set/first"), await app.NewSessionAsync("/set/second"), dead, replaced, justReplaced, better);
        app.Store.Calls.Clear();
        return (app, sessions);
    }

    private static string Cookies(string which, Sessions sessions) => string.Join("; ", which.Split(' ').Select(name => "session=" + name switch
    {
        "first" => sessions.First,
        "second" => sessions.Second,
        "dead" => sessions.Dead,
        "replaced" => sessions.Replaced,
        "just-replaced" => sessions.JustReplaced,
        "better" => sessions.Better,
        "junk" => sessions.First[..^1] + (sessions.First[^1] == 'A' ? 'B' : 'A'),
        "plain" => new string('A', SessionToken.EncodedLength),
        _ => name,
    }));

    private static Task<HttpResponseMessage> SendAsync(TestApp app, string path, string cookies) =>
        app.SendAsync(path, headers: headers => headers.TryAddWithoutValidation("Cookie", cookies));

    private static async Task<string> ReadAsync(TestApp app, string cookies) =>
        await (await SendAsync(app, "/read", cookies)).Content.ReadAsStringAsync(TestContext.Current.CancellationToken);

    [Theory]
    [InlineData("dead first", "first")]
    [InlineData("first dead", "first")]
    [InlineData("replaced first", "first")]
    [InlineData("first replaced", "first")]
    [InlineData("just-replaced first", "first")]
    [InlineData("just-replaced better", "better")]
    [InlineData("better just-replaced", "better")]
    [InlineData("junk first", "first")]
    [InlineData("first junk", "first")]
    [InlineData("first first first first first", "first")]
    [InlineData("plain plain plain plain first", "first")]
    [InlineData("dead junk plain x replaced just-replaced second first", "second")]
    [InlineData("first second", "first")]
    [InlineData("second first", "second")]
    [InlineData("dead", "none")]
    [InlineData("dead replaced junk", "none")]
    public async Task Read_with_several_tokens_is_of_the_first_that_lives(string which, string expected)
    {
        var (app, sessions) = await StartAsync();
        await using var _ = app;

        Assert.Equal(expected, await ReadAsync(app, Cookies(which, sessions)));
    }

    [Theory]
    [InlineData("/set/new", "dead first")]
    [InlineData("/set/new", "replaced first")]
    [InlineData("/set/new", "just-replaced first")]
    [InlineData("/set/new", "first dead")]
    [InlineData("/set/new", "first second")]
    [InlineData("/append/new", "dead first")]
    [InlineData("/append/new", "just-replaced first")]
    public async Task Write_with_several_tokens_goes_to_the_first_that_lives(string path, string which)
    {
        var (app, sessions) = await StartAsync();
        await using var _ = app;
        var creates = app.Store.Creates.Count;

        var response = await SendAsync(app, path, Cookies(which, sessions));

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Empty(response.SetCookies());
        Assert.Equal(creates, app.Store.Creates.Count);
        Assert.Equal(path.StartsWith("/set", StringComparison.Ordinal) ? "new" : "first", await app.GetTextAsync("/read", sessions.First));
        Assert.Equal("second", await app.GetTextAsync("/read", sessions.Second));
    }

    [Theory]
    [InlineData("dead replaced", HttpStatusCode.OK)]
    [InlineData("dead just-replaced", HttpStatusCode.Conflict)]
    [InlineData("just-replaced dead", HttpStatusCode.Conflict)]
    public async Task Write_with_tokens_of_which_none_lives_starts_a_fresh_session_unless_one_was_just_replaced(string which, HttpStatusCode status)
    {
        var (app, sessions) = await StartAsync();
        await using var _ = app;
        foreach (var path in new[] { "/set/new", "/append/new" })
        {
            var response = await SendAsync(app, path, Cookies(which, sessions));

            Assert.Equal(status, response.StatusCode);
            Assert.Equal(status == HttpStatusCode.OK, response.Token() is not null);
        }
    }

    [Theory]
    [InlineData("first second")]
    [InlineData("dead first junk second replaced")]
    [InlineData("just-replaced first second")]
    public async Task Destroy_with_several_tokens_ends_all_that_they_open(string which)
    {
        var (app, sessions) = await StartAsync();
        await using var _ = app;

        var response = await SendAsync(app, "/destroy", Cookies(which, sessions));

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.StartsWith("session=;", Assert.Single(response.SetCookies()), StringComparison.Ordinal);
        Assert.Equal("none", await ReadAsync(app, Cookies("first second", sessions)));
        Assert.Equal("better", await app.GetTextAsync("/read", sessions.Better));
    }

    [Fact]
    public async Task Rotate_with_several_tokens_replaces_the_first_that_lives()
    {
        var (app, sessions) = await StartAsync();
        await using var _ = app;

        var rotated = (await SendAsync(app, "/rotate", Cookies("dead first second", sessions))).Token();

        Assert.Equal("first", await app.GetTextAsync("/read", rotated));
        Assert.Equal("second", await ReadAsync(app, Cookies("first second", sessions)));
    }

    /// <summary>Requests without a valid token are cheap: the work for a request is bounded, whatever it brings.</summary>
    [Fact]
    public async Task Read_with_more_tokens_than_the_limit_asks_for_as_many_as_the_limit()
    {
        var (app, _) = await StartAsync();
        await using var __ = app;
        var dead = new List<string>();
        for (var count = 0; count < TokenReader.MaximumTokens + 3; count++)
        {
            dead.Add($"session={await app.NewSessionAsync("/set/dead")}");
        }

        app.Time.Advance(TimeSpan.FromHours(1));
        app.Store.Calls.Clear();

        Assert.Equal("none", await ReadAsync(app, string.Join("; ", dead)));

        Assert.Equal(Enumerable.Repeat("open", TokenReader.MaximumTokens), app.Store.TakeCalls());
    }

    [Fact]
    public async Task Read_when_the_first_token_cannot_be_asked_is_503_and_not_another_session()
    {
        var (app, sessions) = await StartAsync();
        await using var _ = app;
        var calls = 0;
        app.Store.Before = _ => ++calls == 1 ? throw new SessionUnavailableException() : Task.CompletedTask;

        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await SendAsync(app, "/read", Cookies("first second", sessions))).StatusCode);
    }
}
