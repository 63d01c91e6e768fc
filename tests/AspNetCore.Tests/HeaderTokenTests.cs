using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace ServerSession.Tests;

/// <summary>Tokens in a header, for API clients: the header alone counts where it is sent, and never shows what the cookie hides.</summary>
public sealed class HeaderTokenTests
{
    private const string Header = "Session-Token";

    private static Task<TestApp> StartAsync() => TestApp.StartAsync(new TestSetup
    {
        Options = static options => options.Header = Header,
        Inside = static app =>
        {
            app.MapGet("/set", (HttpContext context) => context.GetServerSession().Set("a", "one"));
            app.MapGet("/read", async (HttpContext context) => await context.GetServerSession().GetAsync<string>("a") ?? "none");
            app.MapGet("/rotate", async (HttpContext context) => await context.GetServerSession().RotateAsync());
            app.MapGet("/destroy", async (HttpContext context) => await context.GetServerSession().DestroyAsync());
        },
    });

    private static Task<HttpResponseMessage> SendAsync(TestApp app, string path, string header, string? cookie = null) =>
        app.SendAsync(path, cookie, headers: headers => headers.TryAddWithoutValidation(Header, header));

    private static string? TokenOf(HttpResponseMessage response) => response.Headers.TryGetValues(Header, out var values) ? values.Single() : null;

    [Fact]
    public async Task Header_with_anything_in_it_is_answered_in_the_header()
    {
        await using var app = await StartAsync();

        var response = await SendAsync(app, "/set", "new");

        Assert.Empty(response.SetCookies());
        Assert.Equal($"Cookie, {Header}", string.Join(", ", response.Headers.Vary));
        Assert.Equal("one", await (await SendAsync(app, "/read", TokenOf(response)!)).Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Header_that_is_absent_is_answered_in_the_cookie_only()
    {
        await using var app = await StartAsync();

        var response = await app.SendAsync("/set");

        Assert.NotNull(response.Token());
        Assert.Null(TokenOf(response));
    }

    [Fact]
    public async Task Header_beside_a_cookie_hides_the_cookie()
    {
        await using var app = await StartAsync();
        var cookie = await app.NewSessionAsync();

        Assert.Equal("none", await (await SendAsync(app, "/read", "new", cookie)).Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        var rotated = await SendAsync(app, "/rotate", "new", cookie);

        Assert.Null(TokenOf(rotated));
        Assert.Empty(rotated.SetCookies());
        Assert.Empty(app.Store.Calls);
    }

    [Fact]
    public async Task Header_at_rotate_and_destroy_never_writes_a_cookie()
    {
        await using var app = await StartAsync();
        var token = TokenOf(await SendAsync(app, "/set", "new"))!;

        var rotated = await SendAsync(app, "/rotate", token);
        var destroyed = await SendAsync(app, "/destroy", TokenOf(rotated)!);

        Assert.NotEqual(token, TokenOf(rotated));
        Assert.Empty(rotated.SetCookies());
        Assert.Empty(destroyed.SetCookies());
        Assert.Null(TokenOf(destroyed));
        Assert.Equal(0, app.Store.Count);
    }

    [Fact]
    public async Task Header_that_comes_twice_is_none()
    {
        await using var app = await StartAsync();
        var token = TokenOf(await SendAsync(app, "/set", "new"))!;
        app.Store.Calls.Clear();

        var response = await app.SendAsync("/read", headers: headers =>
        {
            headers.TryAddWithoutValidation(Header, token);
            headers.TryAddWithoutValidation(Header, token);
        });

        Assert.Equal("none", await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        Assert.Empty(app.Store.Calls);
    }

    [Fact]
    public async Task Header_that_is_not_configured_is_ignored()
    {
        await using var app = await TestApp.StartAsync(static app =>
            app.MapGet("/set", (HttpContext context) => context.GetServerSession().Set("a", "one")));

        var response = await SendAsync(app, "/set", "new");

        Assert.NotNull(response.Token());
        Assert.Null(TokenOf(response));
    }
}
