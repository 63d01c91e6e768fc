using System.Security.Cryptography;
using System.Text;

namespace ServerSession.Core;

/// <summary>
/// Hashes user ids: the first 16 bytes of HMAC-SHA256 over the UTF-8 of the id. Stored lists depend on it: it never changes.
/// </summary>
public static class SubjectHash
{
    /// <summary>The longest user id, in characters.</summary>
    public const int LongestSubject = 1024;

    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <exception cref="ArgumentException">The id is empty, too long, or no valid Unicode. The message does not say the id.</exception>
    public static SubjectKey Of(SubjectSecret secret, string subject)
    {
        Check(subject);
        var hash = HMACSHA256.HashData(secret.Export(), Bytes(subject));
        var key = SubjectKey.ReadFrom(hash);
        return key.IsDefault ? throw new ArgumentException("The user id cannot be hashed.", nameof(subject)) : key;
    }

    /// <summary>Refuses what is no user id.</summary>
    public static void Check(string subject)
    {
        ArgumentNullException.ThrowIfNull(subject);
        if (subject.Length is 0 or > LongestSubject)
        {
            throw new ArgumentException($"A user id has 1 to {LongestSubject} characters; this one has {subject.Length}. Give the application's own id of the user.", nameof(subject));
        }

        _ = Bytes(subject);
    }

    private static byte[] Bytes(string subject)
    {
        try
        {
            return Strict.GetBytes(subject);
        }
        catch (EncoderFallbackException)
        {
            throw new ArgumentException("The user id is no valid Unicode: two different ones could become the same user. Give it as well-formed text.", nameof(subject));
        }
    }
}
