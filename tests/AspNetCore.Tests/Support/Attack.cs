using System.Collections.Concurrent;
using System.IO.Compression;
using System.Net;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Text;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;

namespace ServerSession.Tests;

/// <summary>One request for a kind of response, on a separate connection, watched from both ends.</summary>
internal sealed class Attack
{
    private const string Header = "X-Attack";

    private static readonly ConcurrentDictionary<string, Attack> Running = new();

    private readonly string _id = Guid.NewGuid().ToString("N");
    private readonly KindApp _app;
    private readonly ResponseKind _kind;
    private readonly string? _token;
    private readonly TaskCompletionSource _arrived = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _aborted = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _finished = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private string? _connection;

    private Attack(KindApp app, ResponseKind kind, string? token)
    {
        _app = app;
        _kind = kind;
        _token = token;
    }

    public Task<Answer> Answer { get; private set; } = null!;

    /// <summary>The client has the first of the response.</summary>
    public Task Arrived => _arrived.Task;

    /// <summary>The server has noticed that the client is gone.</summary>
    public Task Aborted => _aborted.Task;

    /// <summary>The server's pipeline came back.</summary>
    public Task Finished => _finished.Task;

    /// <summary>Whether anything of the response has left the server.</summary>
    public bool HasResponse => _app.App.Server == Server.Memory
        ? Arrived.IsCompleted
        : Arrived.IsCompleted || _app.Wire.HasResponse(_connection!, _app.App.Server == Server.Http2);

    /// <summary>All that left the server; empty in memory.</summary>
    public string Wire => _app.App.Server == Server.Memory ? "" : Encoding.Latin1.GetString(_app.Wire.Sent(_connection!));

    public static Attack Begin(KindApp app, ResponseKind kind, string? token, CancellationToken cancellationToken)
    {
        var attack = new Attack(app, kind, token);
        Running[attack._id] = attack;
        attack.Answer = kind.Exchange switch
        {
            Exchange.Upgrade => attack.UpgradeAsync(cancellationToken),
            Exchange.WebSocket when app.App.Server == Server.Memory => attack.ConnectInMemoryAsync(cancellationToken),
            Exchange.WebSocket => attack.ConnectAsync(cancellationToken),
            _ => attack.RequestAsync(cancellationToken),
        };
        return attack;
    }

    /// <summary>The server's end, in front of everything else.</summary>
    public static async Task ObserveAsync(HttpContext context, RequestDelegate next)
    {
        if (!Running.TryRemove(context.Request.Headers[Header].ToString(), out var attack))
        {
            await next(context);
            return;
        }

        attack._connection = context.Connection.Id;
        await using var registration = context.RequestAborted.Register(attack._aborted.SetResult);
        try
        {
            await next(context);
        }
        finally
        {
            attack._finished.SetResult();
        }
    }

    private async Task<Answer> RequestAsync(CancellationToken cancellationToken)
    {
        using var client = _app.App.NewClient();
        using var request = new HttpRequestMessage(_kind.Method, _kind.Path) { Version = client.DefaultRequestVersion, VersionPolicy = client.DefaultVersionPolicy };
        request.Headers.Add(Header, _id);
        request.Headers.Add("Accept-Encoding", "gzip");
        if (_token is not null)
        {
            request.Headers.Add("Cookie", $"{Http.CookieName}={_token}");
        }

        HttpResponseMessage response;
        try
        {
            response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        }
        catch (Exception exception) when (exception is HttpRequestException or SessionUnavailableException or InvalidDataException)
        {
            return Tests.Answer.None;
        }

        using (response)
        {
            _arrived.SetResult();
            var (text, whole) = await ReadAsync(response, cancellationToken);
            var headers = response.Headers.Concat(response.Content.Headers).Concat(response.TrailingHeaders);
            return new Answer((int)response.StatusCode, headers.ToDictionary(static header => header.Key, static header => header.Value.ToArray(), StringComparer.OrdinalIgnoreCase), text, whole);
        }
    }

    private static async Task<(string Text, bool IsWhole)> ReadAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        using var bytes = new MemoryStream();
        var whole = true;
        try
        {
            await (await response.Content.ReadAsStreamAsync(cancellationToken)).CopyToAsync(bytes, cancellationToken);
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            whole = false;
        }

        bytes.Position = 0;
        using var reader = new StreamReader(response.Content.Headers.ContentEncoding.Contains("gzip") ? new GZipStream(bytes, CompressionMode.Decompress) : bytes);
        return (await reader.ReadToEndAsync(cancellationToken), whole);
    }

    private async Task<Answer> UpgradeAsync(CancellationToken cancellationToken)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, _app.App.Address.Port, cancellationToken);
        await using var stream = client.GetStream();
        var cookie = _token is null ? "" : $"Cookie: {Http.CookieName}={_token}\r\n";
        await stream.WriteAsync(
            Encoding.ASCII.GetBytes($"GET {_kind.Path} HTTP/1.1\r\nHost: localhost\r\n{Header}: {_id}\r\n{cookie}Connection: Upgrade, close\r\nUpgrade: echo\r\n\r\n"), cancellationToken);
        using var reader = new StreamReader(stream, Encoding.ASCII);
        var lines = new List<string>();
        while (await reader.ReadLineAsync(cancellationToken) is { Length: > 0 } line)
        {
            _arrived.TrySetResult();
            lines.Add(line);
        }

        var headers = lines.Skip(1).Select(static line => line.Split(": ", 2)).GroupBy(static pair => pair[0], static pair => pair[1], StringComparer.OrdinalIgnoreCase)
            .ToDictionary(static group => group.Key, static group => group.ToArray(), StringComparer.OrdinalIgnoreCase);
        return new Answer(int.Parse(lines[0].Split(' ')[1], System.Globalization.CultureInfo.InvariantCulture), headers, await reader.ReadToEndAsync(cancellationToken), IsWhole: true);
    }

    private async Task<Answer> ConnectAsync(CancellationToken cancellationToken)
    {
        using var socket = new ClientWebSocket();
        socket.Options.SetRequestHeader(Header, _id);
        if (_token is not null)
        {
            socket.Options.SetRequestHeader("Cookie", $"{Http.CookieName}={_token}");
        }

        var http2 = _app.App.Server == Server.Http2;
        socket.Options.HttpVersion = http2 ? HttpVersion.Version20 : HttpVersion.Version11;
        socket.Options.HttpVersionPolicy = HttpVersionPolicy.RequestVersionExact;
        socket.Options.CollectHttpResponseDetails = true;
        using var invoker = new HttpMessageInvoker(new SocketsHttpHandler { UseProxy = false, UseCookies = false });
        var text = "";
        try
        {
            await socket.ConnectAsync(new UriBuilder(_app.App.Address) { Scheme = "ws", Path = _kind.Path }.Uri, invoker, cancellationToken);
            _arrived.SetResult();
            text = await ReceiveAsync(socket, cancellationToken);
        }
        catch (WebSocketException)
        {
            _arrived.TrySetResult();
        }

        // Over HTTP/2 the socket opens with 200 where HTTP/1.1 says 101.
        var status = http2 && socket.HttpStatusCode == HttpStatusCode.OK ? StatusCodes.Status101SwitchingProtocols : (int)socket.HttpStatusCode;
        var headers = socket.HttpResponseHeaders?.ToDictionary(static header => header.Key, static header => header.Value.ToArray(), StringComparer.OrdinalIgnoreCase);
        return new Answer(status, headers, text, IsWhole: true);
    }

    private async Task<Answer> ConnectInMemoryAsync(CancellationToken cancellationToken)
    {
        var client = ((TestServer)_app.App.Services.GetRequiredService<IServer>()).CreateWebSocketClient();
        client.ConfigureRequest = request =>
        {
            request.Headers[Header] = _id;
            if (_token is not null)
            {
                request.Headers.Cookie = $"{Http.CookieName}={_token}";
            }
        };
        try
        {
            using var socket = await client.ConnectAsync(new Uri(_app.App.Address, _kind.Path), cancellationToken);
            _arrived.SetResult();
            return new Answer(StatusCodes.Status101SwitchingProtocols, null, await ReceiveAsync(socket, cancellationToken), IsWhole: true);
        }
        catch (InvalidOperationException exception) when (exception.Message.Contains("503", StringComparison.Ordinal))
        {
            _arrived.SetResult();
            return new Answer(StatusCodes.Status503ServiceUnavailable, null, "", IsWhole: true);
        }
    }

    /// <summary>Reads to the server's close: a client that leaves earlier can break off an application that has not finished.</summary>
    private static async Task<string> ReceiveAsync(WebSocket socket, CancellationToken cancellationToken)
    {
        var buffer = new byte[64];
        var text = new StringBuilder();
        for (ValueWebSocketReceiveResult received; (received = await socket.ReceiveAsync(buffer.AsMemory(), cancellationToken)).MessageType != WebSocketMessageType.Close;)
        {
            text.Append(Encoding.UTF8.GetString(buffer, 0, received.Count));
        }

        return text.ToString();
    }
}
