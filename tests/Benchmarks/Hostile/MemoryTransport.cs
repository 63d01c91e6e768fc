using System.IO.Pipelines;
using System.Net;
using System.Threading.Channels;
using Microsoft.AspNetCore.Connections;
using ServerSession.Storage;

namespace ServerSession.Benchmarks.Hostile;

/// <summary>Connections to Kestrel without a socket: all that is left is what the server itself does with a request.</summary>
internal sealed class MemoryTransport : IConnectionListenerFactory, IConnectionListener
{
    private readonly Channel<ConnectionContext> _waiting = Channel.CreateUnbounded<ConnectionContext>();
    private int _last;

    public EndPoint EndPoint { get; private set; } = new IPEndPoint(IPAddress.Loopback, 80);

    public IDuplexPipe Connect()
    {
        var requests = new Pipe();
        var responses = new Pipe();
        var client = new Ends(responses.Reader, requests.Writer);
        var connection = new DefaultConnectionContext($"memory-{Interlocked.Increment(ref _last)}", new Ends(requests.Reader, responses.Writer), client);
        _waiting.Writer.TryWrite(connection);
        return client;
    }

    public ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default)
    {
        EndPoint = endpoint;
        return new(this);
    }

    public async ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default) =>
        await _waiting.Reader.WaitToReadAsync(cancellationToken) && _waiting.Reader.TryRead(out var connection) ? connection : null;

    public ValueTask UnbindAsync(CancellationToken cancellationToken = default)
    {
        _waiting.Writer.TryComplete();
        return default;
    }

    public ValueTask DisposeAsync() => default;

    private sealed record Ends(PipeReader Input, PipeWriter Output) : IDuplexPipe;
}
