using System.Net.WebSockets;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;

namespace ServerSession.AspNetCore;

/// <summary>
/// A request that ends with its session: a WebSocket is closed with status 1008, any other request sees <see cref="HttpContext.RequestAborted"/>
/// fire. What has not ended by then is aborted after the grace.
/// </summary>
internal sealed class FollowedConnection : IHttpWebSocketFeature, IDisposable
{
    /// <summary>How long the endpoint and the other end have to end by themselves.</summary>
    public static readonly TimeSpan Grace = TimeSpan.FromSeconds(5);

    private const string Reason = "The session has ended.";

    private readonly Lock _lock = new();
    private readonly HttpContext _context;
    private readonly ISessionFollower _follower;
    private readonly IHttpWebSocketFeature? _sockets;
    private readonly TimeProvider _time;
    private readonly CancellationToken _aborted;
    private readonly CancellationTokenSource _ends;
    private readonly CancellationTokenRegistration _registration;
    private readonly bool _countActivity;
    private WebSocket? _socket;
    private bool _isOver;

    public FollowedConnection(HttpContext context, ISessionFollower follower, bool countActivity)
    {
        _context = context;
        _follower = follower;
        _countActivity = countActivity;
        _time = context.RequestServices.GetRequiredService<TimeProvider>();
        _aborted = context.RequestAborted;
        _ends = CancellationTokenSource.CreateLinkedTokenSource(_aborted);
        context.RequestAborted = _ends.Token;
        _sockets = context.Features.Get<IHttpWebSocketFeature>();
        if (_sockets is { IsWebSocketRequest: true })
        {
            context.Features.Set<IHttpWebSocketFeature>(this);
        }

        _registration = follower.Ended.UnsafeRegister(static connection => _ = ((FollowedConnection)connection!).EndAsync(), this);
    }

    public bool IsWebSocketRequest => true;

    public async Task<WebSocket> AcceptAsync(WebSocketAcceptContext context)
    {
        var socket = await _sockets!.AcceptAsync(context);
        lock (_lock)
        {
            _socket = socket;
        }

        if (_follower.Ended.IsCancellationRequested)
        {
            await CloseAsync(socket);
        }

        return _countActivity ? new CountingWebSocket(socket, _follower) : socket;
    }

    public void Dispose()
    {
        lock (_lock)
        {
            _isOver = true;
            _context.RequestAborted = _aborted;
            if (_sockets is { IsWebSocketRequest: true })
            {
                _context.Features.Set(_sockets);
            }
        }

        _registration.Dispose();
        _ends.Dispose();
    }

    private async Task EndAsync()
    {
        WebSocket? socket;
        lock (_lock)
        {
            socket = _socket;
        }

        if (socket is not null)
        {
            await CloseAsync(socket).ConfigureAwait(false);
        }
        else
        {
            // Not under the lock: the endpoint goes on in here.
            await CancelAsync().ConfigureAwait(false);
        }

        await Task.Delay(Grace, _time, CancellationToken.None).ConfigureAwait(false);
        lock (_lock)
        {
            // Under the lock: the server gives the HttpContext to the next request.
            if (!_isOver)
            {
                _context.Abort();
            }
        }
    }

    private async Task CancelAsync()
    {
        try
        {
            await _ends.CancelAsync().ConfigureAwait(false);
        }
        catch (Exception)
        {
            // The request is over, or what the application does at its end has failed: the connection is aborted after the grace all the same.
        }
    }

    private async Task CloseAsync(WebSocket socket)
    {
        try
        {
            if (socket.State is WebSocketState.Open or WebSocketState.CloseReceived)
            {
                await socket.CloseOutputAsync(WebSocketCloseStatus.PolicyViolation, Reason, CancellationToken.None)
                    .WaitAsync(Grace, _time).ConfigureAwait(false);
            }
        }
        catch (Exception)
        {
            // It is closed, or the other end takes nothing any more: then it is aborted after the grace.
        }
    }
}
