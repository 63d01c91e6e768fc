using System.Net.Http.Json;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using System.Threading.Channels;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.SignalR;
using Microsoft.Extensions.DependencyInjection;

namespace ServerSession.Tests;

/// <summary>The session of a SignalR hub connection: the same over every transport.</summary>
public sealed class HubTests
{
    private const char Separator = '\u001e';

    private static Task<TestApp> StartAsync(bool countActivity = false) => TestApp.StartAsync(new TestSetup
    {
        Server = Server.Http1,
        Services = services =>
        {
            services.AddSignalR(options => options.EndWithSession(countActivity));
            services.AddSingleton<Connections>();
        },
        Outside = static app => app.UseWebSockets(),
        Inside = static app =>
        {
            app.MapHub<SessionHub>("/hub");
            app.MapGet("/set", static (HttpContext context) => context.GetServerSession().Set("a", "one"));
            app.MapGet("/write", static (HttpContext context) => context.GetServerSession().Set("a", "two"));
            app.MapGet("/read", static async (HttpContext context) => await context.GetServerSession().GetAsync<string>("a") ?? "none");
            app.MapGet("/destroy", static async (HttpContext context) => await context.GetServerSession().DestroyAsync());
        },
    });

    [Theory]
    [InlineData("WebSockets")]
    [InlineData("ServerSentEvents")]
    [InlineData("LongPolling")]
    public async Task Hub_handle_reads_as_first_asked_refuses_changes_and_a_background_handle_does_both(string transport)
    {
        await using var app = await StartAsync();
        var token = await app.NewSessionAsync();
        await using var hub = await HubConnection.StartAsync(app, token, transport);

        Assert.Equal("one", await hub.InvokeAsync("Read"));
        await app.SendAsync("/write", token);
        Assert.Equal("one", await hub.InvokeAsync("Read"));
        Assert.Contains("CreateBackgroundSessionAsync", await hub.InvokeAsync("Write"), StringComparison.Ordinal);
        Assert.Equal("two", await hub.InvokeAsync("ReadInBackground"));
        Assert.Equal("written", await hub.InvokeAsync("WriteInBackground"));
        Assert.Equal("written", await app.GetTextAsync("/read", token));
    }

    [Theory]
    [InlineData("WebSockets")]
    [InlineData("ServerSentEvents")]
    [InlineData("LongPolling")]
    public async Task Hub_session_ends_aborts_the_connection_and_nothing_is_left_behind(string transport)
    {
        await using var app = await StartAsync();
        var token = await app.NewSessionAsync();
        await using var hub = await HubConnection.StartAsync(app, token, transport);

        // The handle's own Ended is held as well.
        Assert.Equal("True", await hub.InvokeAsync("HoldEnded"));
        await app.SendAsync("/destroy", token);

        await app.Services.GetRequiredService<Connections>().Ended.Task.WithinLimit("the hub hears of the disconnection");
        await EndWithSessionTests.UntilForgottenAsync(app);
    }

    [Theory]
    [InlineData("WebSockets")]
    [InlineData("ServerSentEvents")]
    [InlineData("LongPolling")]
    public async Task Hub_connection_that_closes_leaves_nothing_behind(string transport)
    {
        await using var app = await StartAsync();
        var token = await app.NewSessionAsync();
        var hub = await HubConnection.StartAsync(app, token, transport);
        Assert.Equal("True", await hub.InvokeAsync("HoldEnded"));
        Assert.Equal(1, app.Services.GetRequiredService<SessionEndings>().Count);

        await hub.DisposeAsync();

        await EndWithSessionTests.UntilForgottenAsync(app);
        Assert.Equal("one", await app.GetTextAsync("/read", token));
    }

    [Fact]
    public async Task Hub_invocations_counted_are_accesses_and_a_connection_without_a_session_is_left_alone()
    {
        await using var app = await StartAsync(countActivity: true);
        var token = await app.NewSessionAsync();
        await using var hub = await HubConnection.StartAsync(app, token, "WebSockets");
        await using var stranger = await HubConnection.StartAsync(app, null, "WebSockets");
        app.Store.Commits.Clear();
        app.Time.Advance(TimeSpan.FromMinutes(15));

        await hub.InvokeAsync("Read");
        await hub.InvokeAsync("Read");
        await EndWithSessionTests.UntilAsync(() => app.Store.Commits.Count == 1, "the use is counted");
        app.Time.Advance(TimeSpan.FromMinutes(15));

        Assert.Equal("one", await app.GetTextAsync("/read", token));
        Assert.Equal("none", await stranger.InvokeAsync("Read"));
        Assert.Single(app.Store.Commits);
    }

    public sealed class Connections
    {
        public TaskCompletionSource Ended { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    public sealed class SessionHub(Connections connections) : Hub
    {
        private IServerSession Session => Context.GetHttpContext()!.GetServerSession();

        public async Task<string> Read() => await Session.GetAsync<string>("a") ?? "none";

        public string Write()
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

        public async Task<string> ReadInBackground() => await (await Session.CreateBackgroundSessionAsync())!.GetAsync<string>("a") ?? "none";

        public async Task<string> WriteInBackground()
        {
            var background = await Session.CreateBackgroundSessionAsync();
            await background!.SetAsync("a", "written");
            return await background.GetAsync<string>("a") ?? "none";
        }

        public async Task<string> HoldEnded()
        {
            await Session.ExistsAsync();
            return $"{Session.Ended.CanBeCanceled}";
        }

        public override Task OnDisconnectedAsync(Exception? exception)
        {
            connections.Ended.TrySetResult();
            return Task.CompletedTask;
        }
    }

    /// <summary>As much of the protocols as the tests need: https://github.com/dotnet/aspnetcore/blob/main/src/SignalR/docs/specs/TransportProtocols.md.</summary>
    private sealed class HubConnection : IAsyncDisposable
    {
        private readonly Channel<JsonElement> _messages = Channel.CreateUnbounded<JsonElement>();
        private readonly CancellationTokenSource _stop = new();
        private readonly HttpClient _client;
        private readonly TestApp _app;
        private readonly string? _token;
        private readonly string _address;
        private readonly string _transport;
        private ClientWebSocket? _socket;
        private Task _receiving = Task.CompletedTask;

        private HubConnection(TestApp app, string? token, string address, string transport)
        {
            _app = app;
            _client = app.Client;
            _token = token;
            _address = address;
            _transport = transport;
        }

        public static async Task<HubConnection> StartAsync(TestApp app, string? token, string transport)
        {
            using var negotiate = Request(HttpMethod.Post, "/hub/negotiate?negotiateVersion=1", token, "");
            var answer = await (await app.Client.SendAsync(negotiate, TestContext.Current.CancellationToken)).Content.ReadFromJsonAsync<JsonElement>(TestContext.Current.CancellationToken);
            var hub = new HubConnection(app, token, $"/hub?id={answer.GetProperty("connectionToken").GetString()}", transport);
            await hub.OpenAsync();
            await hub.SendAsync("{\"protocol\":\"json\",\"version\":1}");
            Assert.False((await hub.ReceiveAsync()).TryGetProperty("error", out _));
            return hub;
        }

        public async Task<string> InvokeAsync(string method)
        {
            await SendAsync($"{{\"type\":1,\"invocationId\":\"1\",\"target\":\"{method}\",\"arguments\":[]}}");
            while (true)
            {
                var message = await ReceiveAsync();
                if (message.TryGetProperty("type", out var type) && type.GetInt32() == 3)
                {
                    return message.TryGetProperty("result", out var result) ? result.GetString()! : message.GetProperty("error").GetString()!;
                }
            }
        }

        public async ValueTask DisposeAsync()
        {
            await _stop.CancelAsync();
            if (_socket is not null)
            {
                _socket.Abort();
                _socket.Dispose();
            }
            else if (_transport == "LongPolling")
            {
                using var delete = Request(HttpMethod.Delete, _address, _token, null);
                using var response = await _client.SendAsync(delete, TestContext.Current.CancellationToken);
            }

            await _receiving.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            _stop.Dispose();
        }

        private static HttpRequestMessage Request(HttpMethod method, string address, string? token, string? body)
        {
            var request = new HttpRequestMessage(method, address);
            request.Content = body is null ? null : new StringContent(body, Encoding.UTF8, "text/plain");
            if (token is not null)
            {
                request.Headers.Add("Cookie", $"{Http.CookieName}={token}");
            }

            return request;
        }

        private async Task OpenAsync()
        {
            if (_transport == "WebSockets")
            {
                _socket = new ClientWebSocket();
                _socket.Options.Proxy = null;
                if (_token is not null)
                {
                    _socket.Options.SetRequestHeader("Cookie", $"{Http.CookieName}={_token}");
                }

                var address = new Uri(_app.Address, _address);
                await _socket.ConnectAsync(new UriBuilder(address) { Scheme = "ws" }.Uri, TestContext.Current.CancellationToken);
                _receiving = ReceiveSocketAsync(_socket);
            }
            else if (_transport == "ServerSentEvents")
            {
                var request = Request(HttpMethod.Get, _address, _token, null);
                request.Headers.Accept.ParseAdd("text/event-stream");
                var response = await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
                _receiving = ReceiveEventsAsync(response);
            }
            else
            {
                using var first = await _client.SendAsync(Request(HttpMethod.Get, _address, _token, null), TestContext.Current.CancellationToken);
                _receiving = PollAsync();
            }
        }

        private async Task SendAsync(string message)
        {
            if (_socket is not null)
            {
                await _socket.SendAsync(Encoding.UTF8.GetBytes(message + Separator), WebSocketMessageType.Text, endOfMessage: true, TestContext.Current.CancellationToken);
                return;
            }

            using var request = Request(HttpMethod.Post, _address, _token, message + Separator);
            using var response = await _client.SendAsync(request, TestContext.Current.CancellationToken);
        }

        private Task<JsonElement> ReceiveAsync() => _messages.Reader.ReadAsync(TestContext.Current.CancellationToken).AsTask().WithinLimit("the hub answers");

        private void Take(string text)
        {
            foreach (var message in text.Split(Separator, StringSplitOptions.RemoveEmptyEntries))
            {
                _messages.Writer.TryWrite(JsonSerializer.Deserialize<JsonElement>(message));
            }
        }

        private async Task ReceiveSocketAsync(ClientWebSocket socket)
        {
            var buffer = new byte[16384];
            while (await socket.ReceiveAsync(buffer, _stop.Token) is { MessageType: not WebSocketMessageType.Close } received)
            {
                Take(Encoding.UTF8.GetString(buffer, 0, received.Count));
            }
        }

        private async Task ReceiveEventsAsync(HttpResponseMessage response)
        {
            using (response)
            {
                using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(_stop.Token));
                while (await reader.ReadLineAsync(_stop.Token) is { } line)
                {
                    if (line.StartsWith("data: ", StringComparison.Ordinal))
                    {
                        Take(line["data: ".Length..]);
                    }
                }
            }
        }

        private async Task PollAsync()
        {
            while (!_stop.IsCancellationRequested)
            {
                using var poll = Request(HttpMethod.Get, _address, _token, null);
                using var response = await _client.SendAsync(poll, _stop.Token);
                if (response.StatusCode != System.Net.HttpStatusCode.OK)
                {
                    return;
                }

                Take(await response.Content.ReadAsStringAsync(_stop.Token));
            }
        }
    }
}
