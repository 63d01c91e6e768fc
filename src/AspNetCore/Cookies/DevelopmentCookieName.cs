using System.Security.Cryptography;
using System.Text;

namespace ServerSession.AspNetCore;

/// <summary>
/// The cookie's default name in Development: <c>session-</c> and the application's name. Browsers ignore the port when they send cookies: two applications on
/// one
/// machine, each with separate keys, would overwrite each other's cookie under one name. Frontends of one application share the name.
/// </summary>
internal static class DevelopmentCookieName
{
    private const string Start = "session";
    private const int Longest = 64;

    public static string Of(string? application)
    {
        if (string.IsNullOrEmpty(application))
        {
            return Start;
        }

        var readable = string.Create(Math.Min(application.Length, Longest), application, static (text, name) =>
        {
            for (var index = 0; index < text.Length; index++)
            {
                text[index] = char.IsAsciiLetterOrDigit(name[index]) || name[index] is '.' or '_' or '-' ? name[index] : '-';
            }
        });

        // Where letters were lost, two names may have become one.
        return readable == application
            ? $"{Start}-{readable}"
            : $"{Start}-{readable}-{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(application)).AsSpan(0, 4))}";
    }
}
