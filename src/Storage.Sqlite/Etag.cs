using System.Globalization;
using System.Security.Cryptography;

namespace ServerSession.Storage;

/// <summary>
/// An ETag is a 64-bit number, in text 16 lower-case hexadecimal digits. Numbers are counted up from a random start of each opening of
/// the file: within one opening none repeats, and across openings a repeat for one row takes two random ranges to meet.
/// A row that is deleted and inserted again therefore never gets back an ETag that somebody still holds.
/// </summary>
internal static class Etag
{
    public static long RandomStart()
    {
        Span<byte> bytes = stackalloc byte[sizeof(long)];
        RandomNumberGenerator.Fill(bytes);
        return BitConverter.ToInt64(bytes);
    }

    public static string Format(long value) => value.ToString("x16", CultureInfo.InvariantCulture);

    /// <summary>Reads an ETag; text in any other form was never given out by this store.</summary>
    public static bool TryParse(string text, out long value) =>
        long.TryParse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out value)
        && text.Length == 16
        && !text.AsSpan().ContainsAnyInRange('A', 'F');
}
