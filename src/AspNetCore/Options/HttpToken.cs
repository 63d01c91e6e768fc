using System.Buffers;

namespace ServerSession.AspNetCore;

/// <summary>The token rule of RFC 9110, section 5.6.2: what a cookie or a header may be named.</summary>
internal static class HttpToken
{
    private static readonly SearchValues<char> Allowed =
        SearchValues.Create("!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");

    public static bool IsValid(string text) => text.Length is > 0 and <= 128 && !text.AsSpan().ContainsAnyExcept(Allowed);
}
