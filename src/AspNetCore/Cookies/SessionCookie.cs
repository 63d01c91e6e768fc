using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Hosting;

namespace ServerSession;

/// <summary>The cookie as the options and the environment make it.</summary>
internal sealed class SessionCookie
{
    private const string HostPrefix = "__Host-";
    private const string SecurePrefix = "__Secure-";
    private const string PlainName = "session";

    /// <summary>What browsers take: a longer cookie is dropped without a word.</summary>
    private const int MaximumLength = 4096;

    private static readonly TimeSpan MaximumMaxAge = TimeSpan.FromDays(400);

    private readonly CookieBuilder _issue;

    public SessionCookie(SessionCookieOptions options, IHostEnvironment? environment)
    {
        var secure = SecurePolicyOf(options, environment);
        Name = NameOf(options, secure, environment);
        _issue = new CookieBuilder
        {
            Name = Name,
            Path = options.Path,
            Domain = options.Domain,
            SameSite = options.SameSite,
            SecurePolicy = secure,
            HttpOnly = true,
            IsEssential = true,
            MaxAge = options.MaxAge,
        };
    }

    public string Name { get; }

    /// <summary>The Set-Cookie value that hands out a token.</summary>
    public string Issue(HttpContext context, string token) => _issue.Build(context).CreateCookieHeader(Name, token).ToString();

    /// <summary>The Set-Cookie value that makes the user agent forget the token.</summary>
    public string Expire(HttpContext context)
    {
        var options = _issue.Build(context);
        options.MaxAge = null;
        options.Expires = DateTimeOffset.UnixEpoch;
        return options.CreateCookieHeader(Name, "").ToString();
    }

    /// <summary>Says what is wrong, each sentence starting with the key below <c>ServerSession:Cookie</c>.</summary>
    public static IEnumerable<string> Validate(SessionCookieOptions options, IHostEnvironment? environment)
    {
        var secure = SecurePolicyOf(options, environment);
        var name = NameOf(options, secure, environment);
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

        if (options.Domain is { } domain && (domain.Length == 0 || Uri.CheckHostName(domain.TrimStart('.')) != UriHostNameType.Dns))
        {
            yield return $"Domain is \"{domain}\"; write a host name such as example.com, or remove the key to keep the cookie on this host.";
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

        // 160 covers the attributes' names, dates and flags.
        if (name.Length + SessionToken.EncodedLength + (options.Path?.Length ?? 0) + (options.Domain?.Length ?? 0) + 160 > MaximumLength)
        {
            yield return $"Path and Domain make the cookie longer than {MaximumLength} bytes; browsers drop such a cookie. Shorten them.";
        }
    }

    private static bool HasForbidden(string text) => text.AsSpan().ContainsAny(';', '\r', '\n') || text.AsSpan().ContainsAnyExceptInRange(' ', '~');

    private static CookieSecurePolicy SecurePolicyOf(SessionCookieOptions options, IHostEnvironment? environment) =>
        options.SecurePolicy ?? (IsDevelopment(environment) ? CookieSecurePolicy.SameAsRequest : CookieSecurePolicy.Always);

    private static string NameOf(SessionCookieOptions options, CookieSecurePolicy secure, IHostEnvironment? environment)
    {
        if (options.Name is { } name)
        {
            return name;
        }

        var mayPrefix = secure == CookieSecurePolicy.Always && options.Domain is null && options.Path == "/" && !IsDevelopment(environment);
        return mayPrefix ? HostPrefix + PlainName : PlainName;
    }

    private static bool IsDevelopment(IHostEnvironment? environment) => environment?.IsDevelopment() ?? false;
}
