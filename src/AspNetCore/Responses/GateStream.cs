using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace ServerSession.AspNetCore;

/// <summary>The response's stream in front of the gate: every write is a first byte until the gate is open.</summary>
internal sealed class GateStream(ResponseGate gate, HttpContext context) : Stream
{
    private Stream Inner => gate.Body.Stream;

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (await gate.OpenForDirectAsync(cancellationToken))
        {
            await Inner.WriteAsync(buffer, cancellationToken);
        }
    }

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override async Task FlushAsync(CancellationToken cancellationToken)
    {
        if (await gate.OpenForDirectAsync(cancellationToken))
        {
            await Inner.FlushAsync(cancellationToken);
        }
    }

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        if (OpenBlocking())
        {
            Inner.Write(buffer);
        }
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override void WriteByte(byte value) => Write([value]);

    public override void Flush()
    {
        if (OpenBlocking())
        {
            Inner.Flush();
        }
    }

    public override IAsyncResult BeginWrite(byte[] buffer, int offset, int count, AsyncCallback? callback, object? state) =>
        TaskToAsyncResult.Begin(WriteAsync(buffer, offset, count, CancellationToken.None), callback, state);

    public override void EndWrite(IAsyncResult asyncResult) => TaskToAsyncResult.End(asyncResult);

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    /// <summary>Synchronous output is refused by the server unless the application allowed it; who allowed it, allowed blocking.</summary>
    private bool OpenBlocking()
    {
        if (context.Features.Get<IHttpBodyControlFeature>()?.AllowSynchronousIO == false)
        {
            throw new InvalidOperationException("Synchronous operations are disallowed. Call WriteAsync or FlushAsync, or set AllowSynchronousIO to true instead.");
        }

        return gate.OpenForDirectAsync(CancellationToken.None).AsTask().GetAwaiter().GetResult();
    }
}
