using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace ServerSession.Tests.Secrecy;

/// <summary>
/// How a token or its verifier may be written where it should not be: whole, cut, percent-encoded, in hexadecimal, in either base64 at any
/// offset, as numbers. It knows the token's form (docs of <c>SessionToken</c>) and nothing else of the product.
/// </summary>
public static class SecretSpellings
{
    /// <summary>The characters before spell the format, the key's id and the public session id.</summary>
    private const int FirstSecretCharacter = 26;
    private const int VerifierOffset = 19;
    private const int VerifierLength = 16;

    /// <summary>So many characters in a row are no accident, and show a secret that was cut as well.</summary>
    private const int Piece = 12;

    /// <summary>The verifier in a token.</summary>
    public static byte[] VerifierOf(string token) =>
        Convert.FromBase64String(token.Replace('-', '+').Replace('_', '/'))[VerifierOffset..(VerifierOffset + VerifierLength)];

    /// <summary>Spellings in text; letters of either case count.</summary>
    public static IEnumerable<string> Texts(string token)
    {
        var secret = token[FirstSecretCharacter..];
        for (var at = 0; at + Piece <= secret.Length; at += Piece)
        {
            yield return secret.Substring(at, Piece);
        }

        yield return secret[^Piece..];
        yield return string.Concat(secret[..Piece].Select(static c => $"%{(int)c:X2}"));
        yield return Convert.ToHexString(Encoding.ASCII.GetBytes(secret[..Piece]));
        foreach (var text in Base64(Encoding.ASCII.GetBytes(secret)))
        {
            yield return text;
        }

        var verifier = VerifierOf(token);
        var hex = Convert.ToHexString(verifier);
        yield return hex[..16];
        yield return hex[16..];
        yield return BitConverter.ToString(verifier);
        yield return string.Join(',', verifier);
        yield return string.Join(", ", verifier);
        yield return new Guid(verifier).ToString();
        yield return new Guid(verifier, bigEndian: true).ToString();
        foreach (var text in Base64(verifier))
        {
            yield return text;
        }

        foreach (var number in Numbers(verifier))
        {
            yield return number;
        }
    }

    /// <summary>Bytes in a file, one for each character: the verifier in either order, and the token in UTF-16.</summary>
    public static IEnumerable<string> Bytes(string token)
    {
        var verifier = VerifierOf(token);
        yield return Encoding.Latin1.GetString(verifier);
        yield return Encoding.Latin1.GetString([.. verifier.Reverse()]);
        yield return Encoding.Latin1.GetString(Encoding.Unicode.GetBytes(token.Substring(FirstSecretCharacter, Piece)));
    }

    /// <summary>What stands for the data wherever it begins in something longer, in both alphabets.</summary>
    private static IEnumerable<string> Base64(byte[] data)
    {
        for (var before = 0; before < 3; before++)
        {
            // The first and the last group also hold bits of the neighbours.
            var text = Convert.ToBase64String([.. new byte[before], .. data])[4..^4];
            yield return text;
            yield return text.Replace('+', '-').Replace('/', '_');
        }
    }

    private static IEnumerable<string> Numbers(byte[] verifier)
    {
        var halves = new[] { verifier[..8], verifier[8..] };
        object[] numbers =
        [
            BinaryPrimitives.ReadUInt128LittleEndian(verifier), BinaryPrimitives.ReadUInt128BigEndian(verifier),
            .. halves.SelectMany(static half => new object[]
            {
                BinaryPrimitives.ReadUInt64LittleEndian(half), BinaryPrimitives.ReadUInt64BigEndian(half),
                BinaryPrimitives.ReadInt64LittleEndian(half), BinaryPrimitives.ReadInt64BigEndian(half),
            }),
        ];
        return numbers.Select(static number => string.Create(CultureInfo.InvariantCulture, $"{number}"));
    }
}
