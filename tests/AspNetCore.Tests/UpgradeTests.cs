using System.IO.Compression;
using System.Net;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;

namespace ServerSession.Tests;

/// <summary>Responses that start otherwise: upgrades, WebSockets, event streams, and bodies that others wrap.</summary>
public sealed class UpgradeTests
{
    private static void Map(WebApplication app)
    {
        app.MapGet("/set", async (HttpContext context) => await context.GetServerSession().SetAsync("a", "zero"));
        app.MapGet("/read", async (HttpContext context) => await context.GetServerSession().GetAsync<string>("a") ?? "none");
        app.MapGet("/upgrade", async (HttpContext context) =>
        {
            await context.GetServerSession().SetAsync("a", "upgraded");
            context.Response.Headers.Upgrade = "echo";
            context.Response.Headers.Connection = "Upgrade";
            var stream = await context.Features.GetRequiredFeature<IHttpUpgradeFeature>().UpgradeAsync();
            await stream.WriteAsync("raw bytes"u8.ToArray());
        });
        app.MapGet("/socket", async (HttpContext context) =>
        {
            await context.GetServerSession().SetAsync("a", "socket");
            using var socket = await context.WebSockets.AcceptWebSocketAsync();
            await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, null, CancellationToken.None);
        });
        app.MapMethods("/socket", ["CONNECT"], async (HttpContext context) =>
        {
            await context.GetServerSession().SetAsync("a", "socket");
            using var socket = await context.WebSockets.AcceptWebSocketAsync();
            await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, null, CancellationToken.None);
        });
        app.MapGet("/events", async (HttpContext context) =>
        {
            await context.GetServerSession().SetAsync("a", "events");
            await TypedResults.ServerSentEvents(Numbers()).ExecuteAsync(context);
        });
        app.MapGet("/long", async (HttpContext context) =>
        {
            await context.GetServerSession().SetAsync("a", "long");
            await context.Response.WriteAsync(new string('x', 100_000));
        });
    }

    private static async IAsyncEnumerable<string> Numbers()
    {
        for (var number = 0; number < 3; number++)
        {
            yield return $"number {number}";
            await Task.Yield();
        }
    }

    private static void FailCommits(TestApp app) =>
        app.Store.Before = static operation => operation == "commit" ? throw new SessionUnavailableException() : Task.CompletedTask;

    private static async Task<string> RawAsync(TestApp app, string path, string token, string headers)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, app.Address.Port, TestContext.Current.CancellationToken);
        await using var stream = client.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes($"GET {path} HTTP/1.1\r\nHost: localhost\r\nCookie: session={token}\r\n{headers}\r\n"), TestContext.Current.CancellationToken);
        using var reader = new StreamReader(stream, Encoding.ASCII);
        return await reader.ReadToEndAsync(TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task Upgrade_commitSucceeds_switchesProtocols()
    {
        await using var app = await TestApp.StartAsync(new TestSetup { Server = Server.Http1, Inside = Map });
        var token = await app.NewSessionAsync();

        var answer = await RawAsync(app, "/upgrade", token, "Connection: Upgrade\r\nUpgrade: echo\r\n");

        Assert.StartsWith("HTTP/1.1 101 ", answer, StringComparison.Ordinal);
        Assert.EndsWith("raw bytes", answer, StringComparison.Ordinal);
        Assert.Equal("upgraded", await app.GetTextAsync("/read", token));
    }

    [Fact]
    public async Task Upgrade_commitUnavailable_is503AndNoUpgrade()
    {
        await using var app = await TestApp.StartAsync(new TestSetup { Server = Server.Http1, Inside = Map });
        var token = await app.NewSessionAsync();
        FailCommits(app);

        // An upgradable request has no keep-alive once it is answered otherwise: the server closes.
        var answer = await RawAsync(app, "/upgrade", token, "Connection: Upgrade, close\r\nUpgrade: echo\r\n");

        Assert.StartsWith("HTTP/1.1 503 ", answer, StringComparison.Ordinal);
        Assert.DoesNotContain("raw bytes", answer, StringComparison.Ordinal);
        Assert.DoesNotContain("echo", answer, StringComparison.Ordinal);
    }

    public static TheoryData<Server, bool> Sockets => new(from server in new[] { Server.Http1, Server.Http2 } from outside in new[] { true, false } select (server, outside));

    private static Task<TestApp> StartSocketsAsync(Server server, bool outside) => TestApp.StartAsync(new TestSetup
    {
        Server = server,
        Outside = app =>
        {
            if (outside)
            {
                app.UseWebSockets();
            }
        },
        Inside = app =>
        {
            if (!outside)
            {
                app.UseWebSockets();
            }

            Map(app);
        },
    });

    private static async Task ConnectAsync(TestApp app, Server server, string token)
    {
        using var socket = new ClientWebSocket();
        socket.Options.SetRequestHeader("Cookie", $"session={token}");
        socket.Options.HttpVersion = server == Server.Http2 ? HttpVersion.Version20 : HttpVersion.Version11;
        socket.Options.HttpVersionPolicy = HttpVersionPolicy.RequestVersionExact;
        using var invoker = new HttpMessageInvoker(new SocketsHttpHandler { UseProxy = false });
        await socket.ConnectAsync(new UriBuilder(app.Address) { Scheme = "ws", Path = "/socket" }.Uri, invoker, TestContext.Current.CancellationToken);
        await socket.ReceiveAsync(new byte[16], TestContext.Current.CancellationToken);
    }

    [Theory]
    [MemberData(nameof(Sockets))]
    public async Task WebSocket_commitSucceeds_isCommittedBeforeItOpens(Server server, bool outside)
    {
        await using var app = await StartSocketsAsync(server, outside);
        var token = await app.NewSessionAsync();

        await ConnectAsync(app, server, token);

        Assert.Equal("socket", await app.GetTextAsync("/read", token));
    }

    [Theory]
    [MemberData(nameof(Sockets))]
    public async Task WebSocket_commitUnavailable_isRefused(Server server, bool outside)
    {
        await using var app = await StartSocketsAsync(server, outside);
        var token = await app.NewSessionAsync();
        FailCommits(app);

        var exception = await Assert.ThrowsAsync<WebSocketException>(() => ConnectAsync(app, server, token));

        Assert.Contains("503", exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(Server.Memory)]
    [InlineData(Server.Http1)]
    [InlineData(Server.Http2)]
    public async Task Events_areCommittedBeforeTheFirst(Server server)
    {
        await using var app = await TestApp.StartAsync(new TestSetup { Server = server, Inside = Map });
        var token = await app.NewSessionAsync();

        Assert.Contains("number 2", await app.GetTextAsync("/events", token), StringComparison.Ordinal);
        FailCommits(app);
        var refused = await app.SendAsync("/events", token);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.StatusCode);
        Assert.DoesNotContain("number", await refused.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    public static TheoryData<Server, bool, string> Compressed => new(
        from server in Enum.GetValues<Server>() from outside in new[] { true, false } from path in new[] { "/long", "/pipe-unflushed", "/pipe", "/write", "/file", "/pipe-then-stream" }
        select (server, outside, path));

    private static Task<TestApp> StartCompressedAsync(Server server, bool outside) => TestApp.StartAsync(new TestSetup
    {
        Server = server,
        Services = static services => services.AddResponseCompression(),
        Outside = app =>
        {
            if (outside)
            {
                app.UseResponseCompression();
            }
        },
        Inside = app =>
        {
            if (!outside)
            {
                app.UseResponseCompression();
            }

            app.Use(static (context, next) =>
            {
                context.Response.ContentType = "text/plain";
                return next(context);
            });
            Ways.Map(app);
            app.MapGet("/long", async (HttpContext context) =>
            {
                await context.GetServerSession().SetAsync("a", "one");
                await context.Response.WriteAsync(Ways.Text);
                await context.Response.WriteAsync(new string('x', 100_000));
            });
        },
    });

    [Theory]
    [MemberData(nameof(Compressed))]
    public async Task Compressed_commitSucceeds_arrivesWhole(Server server, bool outside, string path)
    {
        await using var app = await StartCompressedAsync(server, outside);
        var token = await app.NewSessionAsync();

        var response = await app.SendAsync(path, token, headers: static headers => headers.Add("Accept-Encoding", "gzip"));

        Assert.Equal("gzip", response.Content.Headers.ContentEncoding.Single());
        await using var body = new GZipStream(await response.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken), CompressionMode.Decompress);
        Assert.StartsWith(Ways.Text, await new StreamReader(body).ReadToEndAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
        Assert.Equal("one", await app.GetTextAsync("/read", token));
    }

    [Theory]
    [MemberData(nameof(Compressed))]
    public async Task Compressed_commitUnavailable_isNoSuccess(Server server, bool outside, string path)
    {
        await using var app = await StartCompressedAsync(server, outside);
        var token = await app.NewSessionAsync();
        FailCommits(app);

        using var response = await Record(app.SendAsync(path, token, headers: static headers => headers.Add("Accept-Encoding", "gzip")));

        // A wrapper inside the middleware that holds unflushed bytes lets them go past the gate: then the response is broken off, not replaced.
        if (response is not null)
        {
            Assert.True((int)response.StatusCode >= 500, $"status {(int)response.StatusCode}");
            Assert.False(response.Headers.Contains("X-App"));
            Assert.DoesNotContain(Ways.Text, await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
        }
    }

    private static async Task<HttpResponseMessage?> Record(Task<HttpResponseMessage> answer)
    {
        try
        {
            return await answer;
        }
        catch (Exception exception) when (exception is HttpRequestException or SessionUnavailableException)
        {
            return null;
        }
    }
}
