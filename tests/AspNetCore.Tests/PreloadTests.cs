using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace ServerSession.Tests;

/// <summary>A prefetch or prerender neither extends a session nor creates one.</summary>
public sealed class PreloadTests
{
    private static Task<TestApp> StartAsync() => TestApp.StartAsync(static app =>
    {
        app.MapGet("/set", (HttpContext context) => context.GetServerSession().Set("a", "one"));
        app.MapGet("/read", async (HttpContext context) => await context.GetServerSession().GetAsync<string>("a") ?? "none");
    });

    [Theory]
    [InlineData("Sec-Purpose", "prefetch")]
    [InlineData("Sec-Purpose", "prefetch;prerender")]
    [InlineData("Purpose", "prefetch")]
    [InlineData("X-Moz", "prefetch")]
    public async Task Preload_that_reads_or_writes_does_not_extend(string header, string value)
    {
        await using var app = await StartAsync();
        var token = await app.NewSessionAsync();
        app.Time.Advance(TimeSpan.FromMinutes(19));

        await app.SendAsync("/read", token, headers: headers => headers.Add(header, value));
        await app.SendAsync("/set", token, headers: headers => headers.Add(header, value));
        app.Time.Advance(TimeSpan.FromMinutes(2));

        Assert.Equal("none", await app.GetTextAsync("/read", token));
    }

    [Fact]
    public async Task Navigation_that_reads_the_session_extends_it()
    {
        await using var app = await StartAsync();
        var token = await app.NewSessionAsync();
        app.Time.Advance(TimeSpan.FromMinutes(19));

        await app.SendAsync("/read", token);
        app.Time.Advance(TimeSpan.FromMinutes(2));

        Assert.Equal("one", await app.GetTextAsync("/read", token));
    }

    [Fact]
    public async Task Preload_that_would_create_a_session_is_503_and_creates_nothing()
    {
        await using var app = await StartAsync();

        var response = await app.SendAsync("/set", headers: static headers => headers.Add("Sec-Purpose", "prefetch"));

        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.False(response.Headers.Contains("Retry-After"));
        Assert.Empty(app.Store.Calls);
        Assert.Empty(response.SetCookies());
    }
}
