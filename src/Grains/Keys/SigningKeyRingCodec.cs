using System.Buffers;
using ServerSession.Storage;

namespace ServerSession;

/// <summary>The stored form of the ring: a version byte, then <c>1 key* { 1 secret  2 signs from  3 verifies until }</c>.</summary>
internal static class SigningKeyRingCodec
{
    private const byte Version = 1;

    public static byte[] Encode(TokenSigningKeyRing ring)
    {
        var output = new ArrayBufferWriter<byte>();
        output.Write([Version]);
        var writer = new FieldWriter(output);
        foreach (var key in ring.Keys)
        {
            var part = new ArrayBufferWriter<byte>();
            var fields = new FieldWriter(part);
            fields.Bytes(1, key.Secret);
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
        if (source.IsEmpty || source[0] != Version)
        {
            throw new InvalidDataException("The stored signing keys have an unknown format. Update this silo, or restore the row.");
        }

        var keys = new List<TokenSigningKey>();
        var reader = new FieldReader(source[1..]);
        while (reader.Read())
        {
            if (reader.Field == 1)
            {
                keys.Add(DecodeKey(reader.Bytes));
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

    private static TokenSigningKey DecodeKey(ReadOnlySpan<byte> source)
    {
        ReadOnlySpan<byte> secret = default;
        DateTimeOffset signsFrom = default;
        DateTimeOffset verifiesUntil = default;
        var reader = new FieldReader(source);
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
