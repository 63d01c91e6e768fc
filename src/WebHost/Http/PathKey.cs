using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Http.Features;

namespace ServerSession.WebHost;

/// <summary>
/// Reads the key at the end of a path as the client wrote it. The server's own form of the path decodes all escapes but that of the slash, so
/// that two keys would become one; and it leaves malformed escapes as they are.
/// </summary>
internal static class PathKey
{
    /// <summary>The slashes of <c>/session/data/</c> and <c>/session/increment/</c>.</summary>
    private const int SlashesBefore = 3;

    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Reads the key behind the third slash; each text is one key, however much of it is escaped.</summary>
    public static bool TryRead(HttpContext context, out string key, [NotNullWhen(false)] out IResult? error)
    {
        var path = Path(context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget);
        key = "";
        error = null;
        if (HasDotSegment(path))
        {
            error = Problem.BadRequest("A path with a segment '.' or '..' is changed on its way, so a key cannot have one. Use another key.");
        }
        else if (!TryDecode(Behind(path), out key))
        {
            error = Problem.BadRequest("The key in the path is malformed: escape it as UTF-8, with two hexadecimal digits behind each %, as encodeURIComponent does.");
        }

        return error is null;
    }

    /// <summary>The path of a request target, which may be an absolute address.</summary>
    private static string Path(string target)
    {
        if (!target.StartsWith('/') && target.IndexOf("://", StringComparison.Ordinal) is >= 0 and var scheme)
        {
            target = target.IndexOf('/', scheme + 3) is >= 0 and var start ? target[start..] : "/";
        }

        return target.IndexOfAny(['?', '#']) is >= 0 and var end ? target[..end] : target;
    }

    private static bool HasDotSegment(string path) => path.Split('/').Any(static segment =>
        segment.Replace("%2e", ".", StringComparison.OrdinalIgnoreCase) is "." or "..");

    private static string Behind(string path)
    {
        var start = 0;
        for (var slash = 0; slash < SlashesBefore; slash++)
        {
            start = path.IndexOf('/', start) + 1;
        }

        return path[start..];
    }

    private static bool TryDecode(string escaped, out string text)
    {
        text = "";
        var bytes = Encoding.UTF8.GetBytes(escaped);
        var length = 0;
        for (var at = 0; at < bytes.Length; at++)
        {
            if (bytes[at] != '%')
            {
                bytes[length++] = bytes[at];
            }
            else if (at + 2 < bytes.Length && byte.TryParse(bytes.AsSpan(at + 1, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value))
            {
                bytes[length++] = value;
                at += 2;
            }
            else
            {
                return false;
            }
        }

        try
        {
            text = Strict.GetString(bytes, 0, length);
            return true;
        }
        catch (DecoderFallbackException)
        {
            return false;
        }
    }
}
