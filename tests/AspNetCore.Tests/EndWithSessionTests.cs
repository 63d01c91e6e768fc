using System.Net.WebSockets;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace ServerSession.Tests;

/// <summary>Connections that end with their session, and what they count as its use.</summary>
public sealed class EndWithSessionTests
{
    private readonly TaskCompletionSource _running = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _deafEnds = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<string> _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private Task<TestApp> StartAsync() => TestApp.StartAsync(new TestSetup
    {
        Server = Server.Http1,
        Outside = static app => app.UseWebSockets(),
        Inside = app =>
        {
            app.MapGet("/set", static (HttpContext context) => context.GetServerSession().Set("a", "one"));
            app.MapGet("/read", static async (HttpContext context) => await context.GetServerSession().GetAsync<string>("a") ?? "none");
            app.MapGet("/destroy", static async (HttpContext context) => await context.GetServerSession().DestroyAsync());
            app.MapGet("/socket", EchoAsync).EndWithSession();
            app.MapGet("/counted", EchoAsync).EndWithSession(countActivity: true);
            app.MapGet("/stream", async (HttpContext context) =>
            {
                await context.Response.WriteAsync("begun\n");
                await context.Response.Body.FlushAsync();
                _running.TrySetResult();
                await Task.Delay(Timeout.InfiniteTimeSpan, context.RequestAborted);
            }).EndWithSession();
            app.MapGet("/silent", async (HttpContext context) =>
            {
                _running.TrySetResult();
                await Task.Delay(Timeout.InfiniteTimeSpan, context.RequestAborted);
            }).EndWithSession();
            app.MapGet("/deaf", async (HttpContext context) =>
            {
                await context.Response.WriteAsync("begun\n");
                await context.Response.Body.FlushAsync();
                _running.TrySetResult();
                await _deafEnds.Task;
            }).EndWithSession();
            app.MapGet("/aborted", static (HttpContext context) => $"{context.RequestAborted.IsCancellationRequested}").EndWithSession();
        },
    });

    private async Task EchoAsync(HttpContext context)
    {
        using var socket = await context.WebSockets.AcceptWebSocketAsync();
        var buffer = new byte[100];
        _running.TrySetResult();
        while (true)
        {
            var received = await socket.ReceiveAsync(buffer, CancellationToken.None);
            if (received.MessageType == WebSocketMessageType.Close)
            {
                _closed.TrySetResult($"{socket.CloseStatus}");
                return;
            }

            await socket.SendAsync(buffer.AsMemory(0, received.Count), WebSocketMessageType.Text, endOfMessage: true, CancellationToken.None);
        }
    }

    [Fact]
    public async Task Socket_whose_session_another_request_destroys_is_closed_with_1008()
    {
        await using var app = await StartAsync();
        var token = await app.NewSessionAsync();
        using var socket = await ConnectAsync(app, "/socket", token);
        Assert.Equal("hello", await EchoAsync(socket, "hello"));

        await app.SendAsync("/destroy", token);

        var close = await ReceiveAsync(socket);
        Assert.Equal((WebSocketMessageType.Close, WebSocketCloseStatus.PolicyViolation, "The session has ended."), (close.MessageType, close.CloseStatus, close.CloseStatusDescription));
        await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, TestContext.Current.CancellationToken);
        await _closed.Task.WithinLimit("the endpoint sees the close");
        await UntilForgottenAsync(app);
    }

    [Fact]
    public async Task Socket_messages_counted_keep_the_session_alive_with_one_access_in_a_minute_and_uncounted_do_not()
    {
        await using var app = await StartAsync();
        var token = await app.NewSessionAsync();
        using var counted = await ConnectAsync(app, "/counted", token);
        using var silent = await ConnectAsync(app, "/socket", token);
        app.Store.Commits.Clear();

        for (var minute = 0; minute < 30; minute++)
        {
            app.Time.Advance(TimeSpan.FromMinutes(1));
            for (var message = 0; message < 5; message++)
            {
                Assert.Equal("x", await EchoAsync(counted, "x"));
            }

            await UntilAsync(() => app.Store.Commits.Count == minute + 1, "the use is counted");
        }

        // Longer than the idle timeout: nothing but the messages has kept it.
        Assert.All(app.Store.Commits, static commit => Assert.True(commit is { Touch: true, Changes.Count: 0 }));
        Assert.Equal(30, app.Store.Commits.Count);
        for (var minute = 0; minute < 21; minute++)
        {
            app.Time.Advance(TimeSpan.FromMinutes(1));
            if (minute < 19)
            {
                Assert.Equal("x", await EchoAsync(silent, "x"));
            }
        }

        Assert.Equal(WebSocketMessageType.Close, (await ReceiveAsync(silent)).MessageType);
    }

    [Fact]
    public async Task Stream_whose_session_ends_is_told_to_stop_and_its_response_is_whole()
    {
        await using var app = await StartAsync();
        var token = await app.NewSessionAsync();
        var response = await app.SendAsync("/stream", token);
        await _running.Task.WithinLimit("the endpoint runs");

        await app.SendAsync("/destroy", token);

        Assert.Equal("begun\n", await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken).WithinLimit("the response ends"));
    }

    [Fact]
    public async Task Request_that_has_not_answered_when_its_session_ends_is_409()
    {
        await using var app = await StartAsync();
        var token = await app.NewSessionAsync();
        var sending = app.SendAsync("/silent", token);
        await _running.Task.WithinLimit("the endpoint runs");

        await app.SendAsync("/destroy", token);

        Assert.Equal(System.Net.HttpStatusCode.Conflict, (await sending.WithinLimit("the response comes")).StatusCode);
    }

    [Fact]
    public async Task Endpoint_that_does_not_listen_is_aborted_after_the_grace()
    {
        await using var app = await StartAsync();
        var token = await app.NewSessionAsync();
        var response = await app.SendAsync("/deaf", token);
        await _running.Task.WithinLimit("the endpoint runs");
        app.Time.ForgetWaits();

        await app.SendAsync("/destroy", token);
        await app.Time.WaitedForAsync(FollowedConnection.Grace);
        app.Time.Advance(FollowedConnection.Grace);

        var exception = await Record.ExceptionAsync(() => response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken).WithinLimit("the connection is aborted"));

        // The server waits for its endpoints when it stops.
        _deafEnds.SetResult();
        Assert.IsType<HttpRequestException>(exception);
    }

    [Fact]
    public async Task Endpoint_without_a_session_runs_as_it_is()
    {
        await using var app = await StartAsync();

        Assert.Equal("False", await app.GetTextAsync("/aborted"));
        Assert.Equal(0, app.Services.GetRequiredService<SessionEndings>().Count);
    }

    internal static async Task UntilAsync(Func<bool> condition, string what)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(90));
        while (!condition())
        {
            Assert.False(limit.IsCancellationRequested, $"It did not happen that {what}.");
            await Task.Delay(5, TestContext.Current.CancellationToken);
        }
    }

    internal static Task UntilForgottenAsync(TestApp app) =>
        UntilAsync(() => app.Services.GetRequiredService<SessionEndings>().Count == 0, "the session is not watched any more");

    private static async Task<ClientWebSocket> ConnectAsync(TestApp app, string path, string token)
    {
        var socket = new ClientWebSocket();
        socket.Options.SetRequestHeader("Cookie", $"{Http.CookieName}={token}");
        socket.Options.Proxy = null;
        await socket.ConnectAsync(new UriBuilder(app.Address) { Scheme = "ws", Path = path }.Uri, TestContext.Current.CancellationToken);
        return socket;
    }

    private static async Task<string> EchoAsync(ClientWebSocket socket, string text)
    {
        await socket.SendAsync(Encoding.UTF8.GetBytes(text), WebSocketMessageType.Text, endOfMessage: true, TestContext.Current.CancellationToken);
        var buffer = new byte[100];
        var received = await socket.ReceiveAsync(buffer.AsMemory(), TestContext.Current.CancellationToken).AsTask().WithinLimit("the socket answers");
        return received.MessageType == WebSocketMessageType.Close ? "closed" : Encoding.UTF8.GetString(buffer, 0, received.Count);
    }

    private static Task<WebSocketReceiveResult> ReceiveAsync(ClientWebSocket socket) =>
        socket.ReceiveAsync(new ArraySegment<byte>(new byte[100]), TestContext.Current.CancellationToken).WithinLimit("the socket is closed");
}
