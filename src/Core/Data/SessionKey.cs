using System.Text;

namespace ServerSession.Core;

/// <summary>The rules of a session key.</summary>
public static class SessionKey
{
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>
    /// The length of a key in bytes of UTF-8, or -1 for a key that is empty or no valid Unicode: two of those could become one key when
    /// they are stored.
    /// </summary>
    public static int ByteLength(string? key)
    {
        if (string.IsNullOrEmpty(key))
        {
            return -1;
        }

        try
        {
            return Strict.GetByteCount(key);
        }
        catch (EncoderFallbackException)
        {
            return -1;
        }
    }
}
