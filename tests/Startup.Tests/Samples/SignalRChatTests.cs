extern alias SignalRChat;
using System.Net;
using System.Net.WebSockets;
using System.Text;
using App = ServerSession.Tests.Samples.SampleApp<SignalRChat::Program>;

namespace ServerSession.Tests.Samples;

/// <summary>The sample SignalRChat over WebSockets, in the hub protocol's JSON form.</summary>
public sealed class SignalRChatTests
{
    private const char End = '\u001e';

    [Fact]
    public async Task Hub_speaks_with_the_name_of_the_session_and_writes_to_it()
    {
        await using var app = new App();
        var cookie = await NameAsync(app, "ada");
        using var socket = await ConnectAsync(app, cookie);

        await SayAsync(socket, "hello");
        Assert.Contains("\"arguments\":[\"ada\",\"hello\"]", await ReadAsync(socket, "said"), StringComparison.Ordinal);

        // A change of another request is seen by the connection that is open already.
        using var spoken = await app.Server.CreateRequest("https://localhost/spoken").AddHeader("Cookie", cookie).GetAsync();
        Assert.Equal("1", await spoken.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Hub_ends_the_connection_of_a_session_that_was_left()
    {
        await using var app = new App();
        var cookie = await NameAsync(app, "ada");
        using var socket = await ConnectAsync(app, cookie);
        using var left = await app.Server.CreateRequest("https://localhost/leave").AddHeader("Cookie", cookie).PostAsync();
        Assert.Equal(HttpStatusCode.NoContent, left.StatusCode);

        await SayAsync(socket, "still here?");

        Assert.DoesNotContain("said", await ReadAsync(socket, until: null), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Hub_turns_a_connection_without_a_session_away()
    {
        await using var app = new App();
        using var socket = await ConnectAsync(app, cookie: null);

        Assert.DoesNotContain("said", await ReadAsync(socket, until: null), StringComparison.Ordinal);
    }

    private static async Task<string> NameAsync(App app, string name)
    {
        using var response = await app.Server.CreateRequest($"https://localhost/name/{name}").PostAsync();
        return response.Headers.GetValues("Set-Cookie").Single().Split(';')[0];
    }

    private static async Task<WebSocket> ConnectAsync(App app, string? cookie)
    {
        var client = app.Server.CreateWebSocketClient();
        if (cookie is not null)
        {
            client.ConfigureRequest = request => request.Headers.Cookie = cookie;
        }

        var socket = await client.ConnectAsync(new Uri("wss://localhost/chat"), TestContext.Current.CancellationToken);
        await SendAsync(socket, "{\"protocol\":\"json\",\"version\":1}");
        return socket;
    }

    private static Task SayAsync(WebSocket socket, string text) => SendAsync(socket, $"{{\"type\":1,\"target\":\"Say\",\"arguments\":[\"{text}\"]}}");

    private static async Task SendAsync(WebSocket socket, string message)
    {
        try
        {
            await socket.SendAsync(Encoding.UTF8.GetBytes(message + End), WebSocketMessageType.Text, true, TestContext.Current.CancellationToken);
        }
        catch (IOException)
        {
            // The hub has closed the connection.
        }
    }

    /// <summary>Reads up to a message that names a target, or to the end of the connection.</summary>
    private static async Task<string> ReadAsync(WebSocket socket, string? until)
    {
        var text = new StringBuilder();
        var buffer = new byte[4096];
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        timeout.CancelAfter(TimeSpan.FromMinutes(1));
        try
        {
            while (until is null || !text.ToString().Contains($"\"target\":\"{until}\"", StringComparison.Ordinal))
            {
                var result = await socket.ReceiveAsync(buffer, timeout.Token);
                if (result.MessageType == WebSocketMessageType.Close)
                {
                    break;
                }

                text.Append(Encoding.UTF8.GetString(buffer, 0, result.Count));
            }
        }
        catch (Exception exception) when (exception is WebSocketException or IOException)
        {
            // Closed without a goodbye.
        }

        return text.ToString();
    }
}
