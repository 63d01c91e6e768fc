using System.Buffers;
using System.IO.Pipelines;

namespace ServerSession.AspNetCore;

/// <summary>
/// The response's writer in front of a closed gate. Bytes are kept here until they are flushed, because what once lies in the server's buffer
/// cannot be taken back when the commit fails.
/// </summary>
internal sealed class GateWriter(ResponseGate gate, bool buffers) : PipeWriter
{
    private const int LeastRoom = 256;

    /// <summary>Reports what a writer reports after the client has disconnected, so that an application that writes in a loop may stop.</summary>
    private static readonly FlushResult Gone = new(isCanceled: false, isCompleted: true);

    private byte[] _buffer = [];
    private int _length;
    private bool _leased;
    private bool _completed;
    private Exception? _completion;

    /// <summary>Whether bytes went to the server's writer that nobody has flushed yet.</summary>
    public bool HasUnflushed { get; set; }

    public override bool CanGetUnflushedBytes => gate.Body.Writer.CanGetUnflushedBytes;

    public override long UnflushedBytes => _length + (buffers && !gate.IsOpen ? 0 : gate.Body.Writer.UnflushedBytes);

    public override Memory<byte> GetMemory(int sizeHint = 0) => PassesThrough() ? gate.Body.Writer.GetMemory(sizeHint) : GetBuffer(sizeHint);

    public override Span<byte> GetSpan(int sizeHint = 0) => PassesThrough() ? gate.Body.Writer.GetSpan(sizeHint) : GetBuffer(sizeHint).Span;

    public override void Advance(int bytes)
    {
        if (!_leased)
        {
            gate.Body.Writer.Advance(bytes);
            HasUnflushed = true;
            return;
        }

        ArgumentOutOfRangeException.ThrowIfNegative(bytes);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(bytes, _buffer.Length - _length);
        _length += gate.IsRefused ? 0 : bytes;
    }

    public override async ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default) =>
        await TryPassAsync() ? await gate.Body.Writer.FlushAsync(cancellationToken) : Gone;

    public override async ValueTask<FlushResult> WriteAsync(ReadOnlyMemory<byte> source, CancellationToken cancellationToken = default) =>
        await TryPassAsync() ? await gate.Body.Writer.WriteAsync(source, cancellationToken) : Gone;

    public override void CancelPendingFlush() => gate.Body.Writer.CancelPendingFlush();

    public override void Complete(Exception? exception = null)
    {
        if (gate.IsOpen)
        {
            Drain();
            gate.Body.Writer.Complete(exception);
        }
        else
        {
            _completed = true;
            _completion = exception;
        }
    }

    public override async ValueTask CompleteAsync(Exception? exception = null)
    {
        if (await gate.OpenAsync())
        {
            Drain();
            await gate.Body.Writer.CompleteAsync(exception);
        }
    }

    /// <summary>Hands the kept bytes to the server's writer, unflushed as they are.</summary>
    public void Drain()
    {
        if (_length > 0)
        {
            var inner = gate.Body.Writer;
            inner.Write(_buffer.AsSpan(0, _length));
            HasUnflushed = true;
        }

        Discard();
        if (_completed)
        {
            _completed = false;
            gate.Body.Writer.Complete(_completion);
        }
    }

    /// <summary>Forgets the kept bytes.</summary>
    public void Discard()
    {
        _length = 0;
        if (!_leased && _buffer.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(_buffer);
            _buffer = [];
        }
    }

    /// <summary>Opens the gate for bytes that are flushed with those kept here; false where the response was refused.</summary>
    private async ValueTask<bool> TryPassAsync()
    {
        if (!gate.IsOpen || _length > 0)
        {
            _leased = false;
            if (!await gate.OpenAsync())
            {
                return false;
            }

            Drain();
        }

        HasUnflushed = false;
        return true;
    }

    private bool PassesThrough()
    {
        var through = gate.IsOpen || (!buffers && !gate.IsRefused);
        if (through && _length > 0)
        {
            _leased = false;
            Drain();
        }

        _leased = !through;
        return through;
    }

    private Memory<byte> GetBuffer(int sizeHint)
    {
        var least = Math.Max(sizeHint, LeastRoom);
        if (_buffer.Length - _length < least)
        {
            var larger = ArrayPool<byte>.Shared.Rent(Math.Max(checked(_length + least), _buffer.Length * 2));
            _buffer.AsSpan(0, _length).CopyTo(larger);
            if (_buffer.Length > 0)
            {
                ArrayPool<byte>.Shared.Return(_buffer);
            }

            _buffer = larger;
        }

        return _buffer.AsMemory(_length);
    }
}
