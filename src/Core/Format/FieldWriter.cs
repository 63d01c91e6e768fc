using System.Buffers;
using System.Text;
using ServerSession.Core;

namespace ServerSession.Storage;

/// <summary>Writes numbered fields: a varint of (number * 2 + form), then a varint (form 0) or a length and that many bytes (form 1).</summary>
internal readonly ref struct FieldWriter(ArrayBufferWriter<byte> output)
{
    public const int NumberForm = 0;
    public const int BytesForm = 1;

    public void Number(int field, ulong value)
    {
        Raw((ulong)((field << 1) | NumberForm));
        Raw(value);
    }

    public void Number(int field, long value) => Number(field, (ulong)value);

    public void Bytes(int field, ReadOnlySpan<byte> value)
    {
        Raw((ulong)((field << 1) | BytesForm));
        Raw((ulong)value.Length);
        output.Write(value);
    }

    public void Text(int field, string value)
    {
        var length = Encoding.UTF8.GetByteCount(value);
        Raw((ulong)((field << 1) | BytesForm));
        Raw((ulong)length);
        output.Advance(Encoding.UTF8.GetBytes(value, output.GetSpan(length)));
    }

    /// <summary>Begins a field in the bytes form, whose <paramref name="size"/> bytes are written next.</summary>
    public void Begin(int field, int size)
    {
        Raw((ulong)((field << 1) | BytesForm));
        Raw((ulong)size);
    }

    /// <summary>Writes fields as they were read (<see cref="FieldReader.Raw"/>).</summary>
    public void Fields(ReadOnlySpan<byte> raw) => output.Write(raw);

    public static int NumberSize(int field, ulong value) => TagSize(field) + Varint.Size(value);

    public static int BytesSize(int field, int length) => TagSize(field) + Varint.Size((ulong)length) + length;

    private static int TagSize(int field) => Varint.Size((ulong)field << 1);

    private void Raw(ulong value) => output.Advance(Varint.Write(output.GetSpan(Varint.MaximumSize), value));
}
