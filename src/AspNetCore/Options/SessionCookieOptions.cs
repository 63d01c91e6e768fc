using Microsoft.AspNetCore.Http;

namespace ServerSession;

/// <summary>The cookie that carries the session's token. It is always HttpOnly. Configuration section <c>ServerSession:Cookie</c>.</summary>
public sealed class SessionCookieOptions
{
    /// <summary>The cookie's name.</summary>
    /// <value>
    /// A cookie name (RFC 6265 token) of at most 128 characters. Null, the default, means <c>__Host-session</c>, or <c>session</c> in Development and
    /// wherever <see cref="Path"/>, <see cref="Domain"/> or <see cref="SecurePolicy"/> rules the prefix out.
    /// </value>
    public string? Name { get; set; }

    /// <summary>The path the cookie is sent to.</summary>
    /// <value>Starts with a slash; <c>/</c> by default.</value>
    public string Path { get; set; } = "/";

    /// <summary>The domain the cookie is sent to.</summary>
    /// <value>Null, the default, is this host only. A domain shares the session with every host below it.</value>
    public string? Domain { get; set; }

    /// <summary>Whether the cookie is sent with cross-site requests.</summary>
    /// <value><see cref="SameSiteMode.Lax"/> by default; <see cref="SameSiteMode.None"/> needs a secure cookie.</value>
    public SameSiteMode SameSite { get; set; } = SameSiteMode.Lax;

    /// <summary>Whether the cookie is sent over https only.</summary>
    /// <value>
    /// Null, the default, means <see cref="CookieSecurePolicy.Always"/>, and <see cref="CookieSecurePolicy.SameAsRequest"/> in Development.
    /// </value>
    public CookieSecurePolicy? SecurePolicy { get; set; }

    /// <summary>How long the user agent keeps the cookie, whether or not it is closed in between.</summary>
    /// <value>
    /// From one second to 400 days. Null, the default, writes neither Expires nor Max-Age: the cookie ends with the browser. The session's own
    /// deadlines hold either way.
    /// </value>
    public TimeSpan? MaxAge { get; set; }
}
