using System.Buffers;
using ServerSession.Core;

namespace ServerSession.Grains;

/// <summary>The stored form of the ring: a message (see <see cref="StoredForm"/>) of <c>1 key* { 1 secret  2 signs from  3 verifies until }</c>.</summary>
internal static class SigningKeyRingCodec
{
    public static byte[] Encode(TokenSigningKeyRing ring)
    {
        var output = new ArrayBufferWriter<byte>();
        var writer = StoredForm.Begin(output);
        foreach (var key in ring.Keys)
        {
            var part = new ArrayBufferWriter<byte>();
            var fields = new FieldWriter(part);
            fields.Bytes(1, key.ExportSecret());
            fields.Number(2, key.SignsFrom.UtcTicks);
            fields.Number(3, key.VerifiesUntil.UtcTicks);
            writer.Bytes(1, part.WrittenSpan);
        }

        return output.WrittenSpan.ToArray();
    }

    /// <summary>Reads a stored ring.</summary>
    /// <exception cref="InvalidDataException">The bytes are no ring, or one that cannot be used.</exception>
    public static TokenSigningKeyRing Decode(ReadOnlySpan<byte> source)
    {
        var keys = new List<TokenSigningKey>();
        var reader = StoredForm.Open(source, "The stored signing keys have");
        while (reader.Read())
        {
            if (reader.Field == 1)
            {
                keys.Add(DecodeKey(reader.Message));
            }
        }

        try
        {
            return new TokenSigningKeyRing(keys);
        }
        catch (ArgumentException exception)
        {
            throw new InvalidDataException($"The stored signing keys cannot be used: {exception.Message}", exception);
        }
    }

    private static TokenSigningKey DecodeKey(FieldReader reader)
    {
        ReadOnlySpan<byte> secret = default;
        DateTimeOffset signsFrom = default;
        DateTimeOffset verifiesUntil = default;
        while (reader.Read())
        {
            switch (reader.Field)
            {
                case 1: secret = reader.Bytes; break;
                case 2: signsFrom = SessionRecordReader.Time(reader.Value); break;
                case 3: verifiesUntil = SessionRecordReader.Time(reader.Value); break;
                default: break;
            }
        }

        try
        {
            return new TokenSigningKey(secret, signsFrom, verifiesUntil);
        }
        catch (ArgumentException exception)
        {
            throw new InvalidDataException($"The stored signing keys cannot be used: {exception.Message}", exception);
        }
    }
}
