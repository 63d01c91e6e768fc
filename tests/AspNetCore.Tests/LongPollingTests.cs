using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.SignalR;
using Microsoft.Extensions.DependencyInjection;

namespace ServerSession.Tests;

/// <summary>A SignalR hub over long polling, whose HttpContext is a copy without our middleware's feature.</summary>
public sealed class LongPollingTests
{
    private const char Separator = '\u001e';

    private static Task<TestApp> StartAsync(Server server) => TestApp.StartAsync(new TestSetup
    {
        Server = server,
        Services = static services => services.AddSignalR(),
        Inside = static app =>
        {
            app.MapHub<SessionHub>("/hub");
            app.MapGet("/set", static (HttpContext context) => context.GetServerSession().Set("a", "one"));
            app.MapGet("/read", static async (HttpContext context) => await context.GetServerSession().GetAsync<string>("a") ?? "none");
        },
    });

    [Theory]
    [InlineData(Server.Memory)]
    [InlineData(Server.Http1)]
    public async Task Hub_over_long_polling_reads_its_session_and_writes_through_a_background_handle(Server server)
    {
        await using var app = await StartAsync(server);
        var token = await app.NewSessionAsync();
        var hub = await Poller.ConnectAsync(app, token);

        Assert.Equal("one", await hub.InvokeAsync("Read"));
        var refused = await hub.InvokeAsync("Write");
        Assert.Contains("long polling", refused, StringComparison.Ordinal);
        Assert.Contains("CreateBackgroundSessionAsync", refused, StringComparison.Ordinal);
        Assert.Equal("written", await hub.InvokeAsync("WriteInBackground"));
        Assert.Equal("written", await app.GetTextAsync("/read", token));
    }

    [Fact]
    public async Task Hub_over_long_polling_without_a_session_finds_none()
    {
        await using var app = await StartAsync(Server.Http1);
        var hub = await Poller.ConnectAsync(app, token: null);

        Assert.Equal("none", await hub.InvokeAsync("Read"));
        Assert.Equal("no session", await hub.InvokeAsync("WriteInBackground"));
    }

    public sealed class SessionHub : Hub
    {
        private IServerSession Session => Context.GetHttpContext()!.GetServerSession();

        public async Task<string> Read() => await Session.GetAsync<string>("a") ?? "none";

        public async Task<string> Write()
        {
            try
            {
                Session.Set("a", "lost");
                return "accepted";
            }
            catch (InvalidOperationException exception)
            {
                return exception.Message;
            }
        }

        public async Task<string> WriteInBackground()
        {
            if (await Session.CreateBackgroundSessionAsync() is not { } background)
            {
                return "no session";
            }

            await background.SetAsync("a", "written");
            return await background.GetAsync<string>("a") ?? "none";
        }
    }

    /// <summary>As much of the protocol as the tests need: https://github.com/dotnet/aspnetcore/blob/main/src/SignalR/docs/specs/TransportProtocols.md.</summary>
    private sealed class Poller(HttpClient client, string? token, string address)
    {
        private readonly Queue<JsonElement> _messages = new();

        public static async Task<Poller> ConnectAsync(TestApp app, string? token)
        {
            var negotiating = new Poller(app.Client, token, "/hub/negotiate?negotiateVersion=1");
            var answer = await (await negotiating.SendAsync(HttpMethod.Post, "")).Content.ReadFromJsonAsync<JsonElement>(TestContext.Current.CancellationToken);
            var hub = new Poller(app.Client, token, $"/hub?id={answer.GetProperty("connectionToken").GetString()}");
            await hub.SendAsync(HttpMethod.Get);
            await hub.SendAsync(HttpMethod.Post, $"{{\"protocol\":\"json\",\"version\":1}}{Separator}");
            Assert.False((await hub.ReceiveAsync()).TryGetProperty("error", out _));
            return hub;
        }

        public async Task<string> InvokeAsync(string method)
        {
            await SendAsync(HttpMethod.Post, $"{{\"type\":1,\"invocationId\":\"1\",\"target\":\"{method}\",\"arguments\":[]}}{Separator}");
            while (true)
            {
                var message = await ReceiveAsync();
                if (message.GetProperty("type").GetInt32() == 3)
                {
                    return message.TryGetProperty("result", out var result) ? result.GetString()! : message.GetProperty("error").GetString()!;
                }
            }
        }

        private async Task<JsonElement> ReceiveAsync()
        {
            while (_messages.Count == 0)
            {
                var polled = await (await SendAsync(HttpMethod.Get).WithinLimit("the hub answers")).Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
                foreach (var message in polled.Split(Separator, StringSplitOptions.RemoveEmptyEntries))
                {
                    _messages.Enqueue(JsonSerializer.Deserialize<JsonElement>(message));
                }
            }

            return _messages.Dequeue();
        }

        private async Task<HttpResponseMessage> SendAsync(HttpMethod method, string? body = null)
        {
            using var request = new HttpRequestMessage(method, address) { Version = client.DefaultRequestVersion, VersionPolicy = client.DefaultVersionPolicy };
            request.Content = body is null ? null : new StringContent(body, Encoding.UTF8, "text/plain");
            if (token is not null)
            {
                request.Headers.Add("Cookie", $"{Http.CookieName}={token}");
            }

            var response = await client.SendAsync(request, TestContext.Current.CancellationToken);
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
            return response;
        }
    }
}
