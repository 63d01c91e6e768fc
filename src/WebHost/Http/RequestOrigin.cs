using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace ServerSession.WebHost;

/// <summary>Compares the site that a browser names in <c>Origin</c> with the host that the request came to.</summary>
internal static class RequestOrigin
{
    private const int LongestQuote = 200;

    /// <summary>
    /// Whether both are one site, however they are spelled: a default port may be written or not, a name's letters may be large or small, in
    /// ASCII (xn--) or not. The schemes are not compared, because behind a proxy that ends TLS the scheme here is not the browser's; so a host
    /// without a port has the default port of the origin's scheme.
    /// </summary>
    public static bool IsSame(string origin, HostString host)
    {
        if (!TryReadOrigin(origin, out var uri) || !TryToAscii(host.Host, out var here) || !TryToAscii(uri.Host, out var there))
        {
            return false;
        }

        return here == there && (host.Port ?? DefaultPort(uri)) == uri.Port;
    }

    /// <summary>A value of a header as it may be shown to its sender.</summary>
    public static string Quote(string? value) =>
        value is null or "" ? "empty" : $"\"{(value.Length <= LongestQuote ? value : value[..LongestQuote] + "…")}\"";

    /// <summary>An origin is a scheme, a host and perhaps a port (RFC 6454); "null" is none.</summary>
    private static bool TryReadOrigin(string text, [NotNullWhen(true)] out Uri? origin) =>
        Uri.TryCreate(text, UriKind.Absolute, out origin)
        && (origin.Scheme == Uri.UriSchemeHttp || origin.Scheme == Uri.UriSchemeHttps)
        && origin.UserInfo.Length == 0 && origin.PathAndQuery == "/" && origin.Fragment.Length == 0 && !text.EndsWith('/');

    private static int DefaultPort(Uri origin) => origin.Scheme == Uri.UriSchemeHttps ? 443 : 80;

    private static bool TryToAscii(string host, [NotNullWhen(true)] out string? ascii)
    {
        ascii = null;
        if (host.Length == 0)
        {
            return false;
        }

        if (host.All(char.IsAscii))
        {
            ascii = host.ToLowerInvariant();
            return true;
        }

        try
        {
            ascii = new IdnMapping().GetAscii(host.ToLowerInvariant());
            return true;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }
}
