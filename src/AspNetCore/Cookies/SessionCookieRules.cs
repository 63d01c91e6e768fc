using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Hosting;

namespace ServerSession.AspNetCore;

/// <summary>Derives the cookie's attributes from its options, and finds the combinations that browsers refuse.</summary>
internal static class SessionCookieRules
{
    private const string HostPrefix = "__Host-";
    private const string SecurePrefix = "__Secure-";
    private const string PlainName = "session";

    /// <summary>The longest cookie that browsers accept; they drop a longer one silently.</summary>
    private const int MaximumLength = 4096;

    private static readonly TimeSpan MaximumMaxAge = TimeSpan.FromDays(400);

    /// <summary>Says what is wrong, each sentence starting with the key below <c>ServerSession:Cookie</c>.</summary>
    /// <param name="options">The options.</param>
    /// <param name="idleTimeout">The idle timeout of new sessions, which the cookie must not undercut.</param>
    /// <param name="environment">The environment; null where there is none.</param>
    public static IEnumerable<string> Validate(SessionCookieOptions options, TimeSpan idleTimeout, IHostEnvironment? environment)
    {
        var secure = SecurePolicyOf(options, environment);
        var name = NameOf(options, environment);
        if (!HttpToken.IsValid(name))
        {
            yield return $"Name is \"{name}\"; write 1 to 128 letters, digits, hyphens or underscores, for example {HostPrefix}session.";
        }

        if (!Enum.IsDefined(secure))
        {
            yield return $"SecurePolicy is {(int)secure}; set it to Always, SameAsRequest or None.";
        }

        if (!Enum.IsDefined(options.SameSite))
        {
            yield return $"SameSite is {(int)options.SameSite}; set it to Lax, Strict, None or Unspecified.";
        }

        if (options.SameSite == SameSiteMode.None && secure != CookieSecurePolicy.Always)
        {
            yield return $"SameSite is None but Cookie:SecurePolicy is {secure}; browsers drop such a cookie. Set Cookie:SecurePolicy to Always, or SameSite to Lax.";
        }

        if (options.Path is null || !options.Path.StartsWith('/') || HasForbidden(options.Path))
        {
            yield return $"Path is \"{options.Path}\"; write a path that starts with a slash and has no semicolon, for example /.";
        }

        if (options.Domain is { } domain && CookieDomain.FaultOf(domain) is { } fault)
        {
            yield return fault;
        }

        var hostPrefixed = name.StartsWith(HostPrefix, StringComparison.OrdinalIgnoreCase);
        if ((hostPrefixed || name.StartsWith(SecurePrefix, StringComparison.OrdinalIgnoreCase)) && secure != CookieSecurePolicy.Always)
        {
            yield return $"Name is \"{name}\" but Cookie:SecurePolicy is {secure}; browsers drop such a cookie. Set Cookie:SecurePolicy to Always, or choose a name without the prefix.";
        }

        if (hostPrefixed && options.Domain is not null)
        {
            yield return $"Domain is \"{options.Domain}\" but the name starts with {HostPrefix}; browsers drop such a cookie. Remove Cookie:Domain, or choose another name.";
        }

        if (hostPrefixed && options.Path != "/")
        {
            yield return $"Path is \"{options.Path}\" but the name starts with {HostPrefix}; browsers drop such a cookie. Set Cookie:Path to /, or choose another name.";
        }

        if (options.MaxAge is { } age && (age < TimeSpan.FromSeconds(1) || age > MaximumMaxAge))
        {
            yield return $"MaxAge is {age}; set it between 00:00:01 and {MaximumMaxAge}, or remove the key for a cookie that ends with the browser.";
        }

        else if (options.MaxAge < idleTimeout)
        {
            yield return $"MaxAge is {options.MaxAge}, shorter than ServerSession:IdleTimeout ({idleTimeout}): browsers would forget sessions that still live. "
                + "Set it to at least the idle timeout, or remove the key for a cookie that ends with the browser.";
        }

        // 160 covers the attributes' names, dates and flags.
        if (name.Length + SessionToken.EncodedLength + (options.Path?.Length ?? 0) + (options.Domain?.Length ?? 0) + 160 > MaximumLength)
        {
            yield return $"Path and Domain make the cookie longer than {MaximumLength} bytes; browsers drop such a cookie. Shorten them.";
        }
    }

    public static CookieSecurePolicy SecurePolicyOf(SessionCookieOptions options, IHostEnvironment? environment) =>
        options.SecurePolicy ?? (IsDevelopment(environment) ? CookieSecurePolicy.SameAsRequest : CookieSecurePolicy.Always);

    public static string NameOf(SessionCookieOptions options, IHostEnvironment? environment)
    {
        if (options.Name is { } name)
        {
            return name;
        }

        if (environment is not null && environment.IsDevelopment())
        {
            return DevelopmentCookieName.Of(environment.ApplicationName);
        }

        var mayPrefix = SecurePolicyOf(options, environment) == CookieSecurePolicy.Always && options.Domain is null && options.Path == "/";
        return mayPrefix ? HostPrefix + PlainName : PlainName;
    }

    private static bool HasForbidden(string text) => text.AsSpan().ContainsAny(';', '\r', '\n') || text.AsSpan().ContainsAnyExceptInRange(' ', '~');

    private static bool IsDevelopment(IHostEnvironment? environment) => environment?.IsDevelopment() ?? false;
}
