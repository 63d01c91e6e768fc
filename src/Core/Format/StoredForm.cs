using System.Buffers;

namespace ServerSession.Core;

/// <summary>
/// What all stored forms have in common: a protobuf message whose first field is the number of the format, so that standard tools show it
/// (<c>protoc --decode_raw</c>) and an older silo refuses what it would read wrongly.
/// </summary>
/// <remarks>
/// Field 100 is the format. Numbers of fields are never reused. Format 1, which versions before this one wrote, is read as well: the byte 0x01, with which no
/// protobuf message begins, then fields with shorter tags (see <see cref="FieldReader"/>).
/// </remarks>
public static class StoredForm
{
    public const ulong Format = 2;

    private const int FormatField = 100;
    private const byte Format1 = 1;

    /// <summary>Begins a message.</summary>
    public static FieldWriter Begin(ArrayBufferWriter<byte> output)
    {
        var writer = new FieldWriter(output);
        writer.Number(FormatField, Format);
        return writer;
    }

    /// <summary>Begins to read a message; false where it is of a newer format.</summary>
    /// <exception cref="InvalidDataException">The bytes are no message.</exception>
    public static bool TryOpen(ReadOnlySpan<byte> source, out FieldReader reader, out ulong format)
    {
        if (!source.IsEmpty && source[0] == Format1)
        {
            reader = new FieldReader(source[1..], isFormat1: true);
            format = Format1;
            return true;
        }

        reader = new FieldReader(source);
        if (!reader.Read() || reader.Field != FormatField || reader.Value <= Format1)
        {
            throw FieldReader.Broken();
        }

        format = reader.Value;
        return format <= Format;
    }

    /// <inheritdoc cref="TryOpen(ReadOnlySpan{byte}, out FieldReader, out ulong)"/>
    /// <param name="source">The bytes.</param>
    /// <param name="what">What they are, in the plural, for the message.</param>
    public static FieldReader Open(ReadOnlySpan<byte> source, string what)
    {
        try
        {
            if (TryOpen(source, out var reader, out _))
            {
                return reader;
            }
        }
        catch (InvalidDataException)
        {
        }

        throw new InvalidDataException($"{what} an unknown format. Update this silo, or restore the row.");
    }
}
