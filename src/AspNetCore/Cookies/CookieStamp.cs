using System.Buffers;
using System.Globalization;

namespace ServerSession.AspNetCore;

/// <summary>
/// The time at which a persistent cookie was written, behind its token: browsers do not send a cookie's expiry back, and the renewal after a tenth of its life
/// must need no call to the session and work on every frontend.
/// </summary>
/// <remarks>
/// <code>
/// value = token ["." seconds(8, lower-case hexadecimal, since 1970)]
/// </code>
/// The time is not signed: a client that changes it affects only when its cookie is renewed. Every frontend reads it, so that
/// frontends with and without <see cref="SessionCookieOptions.MaxAge"/> understand one another's cookies.
/// </remarks>
internal static class CookieStamp
{
    private const int Digits = 8;
    private const int StampedLength = SessionToken.EncodedLength + 1 + Digits;

    private static readonly SearchValues<char> Hexadecimal = SearchValues.Create("0123456789abcdef");

    /// <summary>The value of a cookie that is written now.</summary>
    public static string Append(string token, DateTimeOffset now) =>
        string.Create(CultureInfo.InvariantCulture, $"{token}.{unchecked((uint)now.ToUnixTimeSeconds()):x8}");

    /// <summary>The token's part of a value; the whole value where it has no time.</summary>
    public static ReadOnlySpan<char> TokenOf(ReadOnlySpan<char> value) => HasTime(value) ? value[..SessionToken.EncodedLength] : value;

    /// <summary>When the cookie was written; false where its value does not say.</summary>
    public static bool TryReadTime(ReadOnlySpan<char> value, out DateTimeOffset written)
    {
        var has = HasTime(value);
        written = has
            ? DateTimeOffset.FromUnixTimeSeconds(uint.Parse(value[^Digits..], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture))
            : default;
        return has;
    }

    private static bool HasTime(ReadOnlySpan<char> value) =>
        value.Length == StampedLength && value[SessionToken.EncodedLength] == '.' && !value[^Digits..].ContainsAnyExcept(Hexadecimal);
}
