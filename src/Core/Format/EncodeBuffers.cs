using System.Buffers;

namespace ServerSession.Core;

/// <summary>The reusable buffers of the encoders of one thread, one for each depth of nesting.</summary>
public static class EncodeBuffers
{
    private const int Depths = 3;

    /// <summary>The largest buffer that is kept, so that one large session does not hold memory for ever.</summary>
    private const int MaximumCachedBytes = 256 * 1024;

    [ThreadStatic]
    private static ArrayBufferWriter<byte>?[]? _buffers;

    /// <summary>The empty buffer of a depth. Renting the same depth again overwrites its content.</summary>
    public static ArrayBufferWriter<byte> Rent(int depth)
    {
        var buffers = _buffers ??= new ArrayBufferWriter<byte>?[Depths];
        var buffer = buffers[depth];
        if (buffer is null || buffer.Capacity > MaximumCachedBytes)
        {
            buffers[depth] = buffer = new ArrayBufferWriter<byte>(256);
        }

        buffer.ResetWrittenCount();
        return buffer;
    }
}
