using System.Buffers;

namespace ServerSession.Storage;

/// <summary>The buffers that the encoders of one thread use again and again, one for each depth of nesting.</summary>
internal static class Scratch
{
    private const int Depths = 4;

    /// <summary>A buffer that one large session has grown beyond this is not kept for the small ones.</summary>
    private const int KeptBytes = 256 * 1024;

    [ThreadStatic]
    private static ArrayBufferWriter<byte>?[]? _buffers;

    /// <summary>The empty buffer of a depth; its content is gone when the same depth is taken again.</summary>
    public static ArrayBufferWriter<byte> Take(int depth)
    {
        var buffers = _buffers ??= new ArrayBufferWriter<byte>?[Depths];
        var buffer = buffers[depth];
        if (buffer is null || buffer.Capacity > KeptBytes)
        {
            buffers[depth] = buffer = new ArrayBufferWriter<byte>(256);
        }

        buffer.ResetWrittenCount();
        return buffer;
    }
}
