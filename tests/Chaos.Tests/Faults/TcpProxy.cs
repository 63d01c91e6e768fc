using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace ServerSession.Tests;

/// <summary>The way of TCP connections through the test, which can be cut: nothing passes, and nobody is told, until it is mended.</summary>
internal sealed class TcpProxy : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _over = new();
    private readonly ConcurrentDictionary<Socket, byte> _sockets = new();
    private readonly int _target;
    private readonly Func<int, bool> _isCut;
    private readonly Task _accepting;
    private TaskCompletionSource _open = Opened();
    private long _held;

    /// <param name="target">The port of this machine to which it leads.</param>
    /// <param name="isCut">Whether a cut holds the connection that comes from this port; null for every connection.</param>
    public TcpProxy(int target, Func<int, bool>? isCut = null)
    {
        _target = target;
        _isCut = isCut ?? (static _ => true);
        _listener.Start();
        _accepting = AcceptAsync();
    }

    /// <summary>Gets the port that leads to the target.</summary>
    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>Gets how many times a cut held something that was on its way.</summary>
    public long Held => Volatile.Read(ref _held);

    public void Cut() => _open = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Lets everything pass again. Connections that were cut are broken, as those are that were cut for longer than a peer waits.</summary>
    public void Mend()
    {
        foreach (var socket in _sockets.Keys)
        {
            socket.Dispose();
        }

        _open.TrySetResult();
    }

    public async ValueTask DisposeAsync()
    {
        await _over.CancelAsync();
        _listener.Stop();
        Mend();
        await _accepting.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _over.Dispose();
    }

    private static TaskCompletionSource Opened()
    {
        var open = new TaskCompletionSource();
        open.SetResult();
        return open;
    }

    private async Task AcceptAsync()
    {
        while (true)
        {
            var near = await _listener.AcceptSocketAsync(_over.Token);
            _ = ConnectAsync(near);
        }
    }

    private async Task ConnectAsync(Socket near)
    {
        var far = new Socket(SocketType.Stream, ProtocolType.Tcp);
        try
        {
            var isCut = _isCut(((IPEndPoint)near.RemoteEndPoint!).Port);
            if (isCut)
            {
                _sockets[near] = _sockets[far] = 0;
                await OpenAsync();
            }

            await far.ConnectAsync(IPAddress.Loopback, _target, _over.Token);
            await Task.WhenAny(PumpAsync(near, far, isCut), PumpAsync(far, near, isCut));
        }
        catch (Exception broken) when (broken is SocketException or OperationCanceledException or ObjectDisposedException)
        {
            // The connection ends for both sides.
        }
        finally
        {
            _sockets.TryRemove(near, out _);
            _sockets.TryRemove(far, out _);
            near.Dispose();
            far.Dispose();
        }
    }

    private async Task PumpAsync(Socket from, Socket to, bool isCut)
    {
        var buffer = new byte[64 * 1024];
        while (await from.ReceiveAsync(buffer, _over.Token) is > 0 and var count)
        {
            if (isCut)
            {
                await OpenAsync();
            }

            for (var sent = 0; sent < count;)
            {
                sent += await to.SendAsync(buffer.AsMemory(sent, count - sent), _over.Token);
            }
        }
    }

    private Task OpenAsync()
    {
        var open = _open.Task;
        if (!open.IsCompleted)
        {
            Interlocked.Increment(ref _held);
        }

        return open.WaitAsync(_over.Token);
    }
}
