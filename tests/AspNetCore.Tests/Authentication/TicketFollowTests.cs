using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace ServerSession.Tests;

/// <summary>What follows a ticket: it hears of the end, and keeps nobody signed in.</summary>
public sealed class TicketFollowTests
{
    private ISessionFollower? _follower;

    [Fact]
    public async Task Follow_hears_that_the_ticket_was_ended_by_a_request_elsewhere()
    {
        await using var app = await StartAsync();
        var (_, cookie) = await TicketApp.SignInAsync(app, "ada");
        var (_, other) = await TicketApp.SignInAsync(app, "ada");

        Assert.Equal(HttpStatusCode.OK, (await TicketApp.SendAsync(app, "GET", "/follow", cookie)).Status);
        await TicketApp.SendAsync(app, "POST", "/signout", other);
        Assert.False(_follower!.Ended.IsCancellationRequested);
        await TicketApp.SendAsync(app, "POST", "/signout", cookie);

        Assert.True(_follower.Ended.IsCancellationRequested);
        await _follower.DisposeAsync();
    }

    [Fact]
    public async Task Follow_without_a_ticket_that_lives_is_null()
    {
        await using var app = await StartAsync();
        var (_, cookie) = await TicketApp.SignInAsync(app, "ada");
        await TicketApp.SendAsync(app, "POST", "/signout", cookie);

        Assert.Equal(HttpStatusCode.NotFound, (await TicketApp.SendAsync(app, "GET", "/follow", null)).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await TicketApp.SendAsync(app, "GET", "/follow", cookie)).Status);
        Assert.Null(_follower);
    }

    [Fact]
    public async Task Request_that_only_peeks_does_not_extend_the_ticket()
    {
        await using var app = await StartAsync();
        var (_, cookie) = await TicketApp.SignInAsync(app, "ada");

        app.Time.Advance(TimeSpan.FromMinutes(15));
        Assert.Equal(HttpStatusCode.OK, (await TicketApp.SendAsync(app, "GET", "/follow", cookie)).Status);
        app.Time.Advance(TimeSpan.FromMinutes(6));

        Assert.Equal(HttpStatusCode.Unauthorized, (await TicketApp.SendAsync(app, "GET", "/me", cookie)).Status);
        Assert.True(_follower!.Ended.IsCancellationRequested);
        await _follower.DisposeAsync();
    }

    private Task<TestApp> StartAsync() => TicketApp.StartAsync(inside: app => app.MapGet("/follow", async (HttpContext context) =>
    {
        _follower = await context.FollowTicketAsync();
        return _follower is null ? Results.NotFound() : Results.Ok();
    }).WithSessionPeek());
}
