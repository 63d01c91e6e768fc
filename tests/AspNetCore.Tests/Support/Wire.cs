using System.Collections.Concurrent;
using System.IO.Pipelines;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace ServerSession.Tests;

/// <summary>What Kestrel has handed to its connections, byte for byte, before the socket gets it.</summary>
internal sealed class Wire
{
    private const int FrameHeader = 9;

    private readonly ConcurrentDictionary<string, Recorder> _connections = new();

    public void Record(ListenOptions listen) => listen.Use(next => async connection =>
    {
        var recorder = _connections[connection.ConnectionId] = new Recorder(connection.Transport.Output);
        connection.Transport = new Duplex(connection.Transport.Input, recorder);
        await next(connection);
    });

    public byte[] Sent(string connection) => _connections[connection].Sent();

    /// <summary>Whether any part of a response went out on the connection, which serves one request only.</summary>
    public bool HasResponse(string connection, bool http2)
    {
        var sent = Sent(connection);
        return http2 ? Frames(sent).Any(static type => type is 0 or 1) : sent.Length > 0;
    }

    /// <summary>The types of the HTTP/2 frames: 0 is DATA, 1 is HEADERS.</summary>
    private static IEnumerable<byte> Frames(byte[] sent)
    {
        for (var at = 0; at + FrameHeader <= sent.Length;)
        {
            yield return sent[at + 3];
            at += FrameHeader + ((sent[at] << 16) | (sent[at + 1] << 8) | sent[at + 2]);
        }
    }

    private sealed class Duplex(PipeReader input, PipeWriter output) : IDuplexPipe
    {
        public PipeReader Input => input;

        public PipeWriter Output => output;
    }

    private sealed class Recorder(PipeWriter inner) : PipeWriter
    {
        private readonly MemoryStream _sent = new();
        private readonly MemoryStream _unflushed = new();
        private Memory<byte> _memory;

        public override bool CanGetUnflushedBytes => inner.CanGetUnflushedBytes;

        public override long UnflushedBytes => inner.UnflushedBytes;

        public byte[] Sent()
        {
            lock (_sent)
            {
                return _sent.ToArray();
            }
        }

        public override Memory<byte> GetMemory(int sizeHint = 0) => _memory = inner.GetMemory(sizeHint);

        public override Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

        public override void Advance(int bytes)
        {
            _unflushed.Write(_memory.Span[..bytes]);
            _memory = _memory[bytes..];
            inner.Advance(bytes);
        }

        public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default)
        {
            Note();
            return inner.FlushAsync(cancellationToken);
        }

        public override void CancelPendingFlush() => inner.CancelPendingFlush();

        public override void Complete(Exception? exception = null)
        {
            Note();
            inner.Complete(exception);
        }

        private void Note()
        {
            lock (_sent)
            {
                _unflushed.WriteTo(_sent);
                _unflushed.SetLength(0);
            }
        }
    }
}
