using Microsoft.AspNetCore.Http;

namespace ServerSession;

/// <summary>The cookie that carries the session's token. It is always HttpOnly. Configuration section <c>ServerSession:Cookie</c>.</summary>
public sealed class SessionCookieOptions
{
    /// <summary>The cookie's name.</summary>
    /// <value>
    /// A cookie name (RFC 6265 token) of at most 128 characters. Null, the default, means <c>__Host-session</c>, or <c>session</c> wherever
    /// <see cref="Path"/>, <see cref="Domain"/> or <see cref="SecurePolicy"/> rules the prefix out; in Development <c>session-</c> and the
    /// application's name, because browsers send one machine's cookies to all of its ports. Give two applications that share a host and keep
    /// separate sessions different names, also where their paths differ.
    /// </value>
    public string? Name { get; set; }

    /// <summary>The path the cookie is sent to.</summary>
    /// <value>Starts with a slash; <c>/</c> by default.</value>
    public string Path { get; set; } = "/";

    /// <summary>The domain the cookie is sent to.</summary>
    /// <value>
    /// Null, the default, is this host only. A domain shares the session with every host below it. It is refused at start where browsers would
    /// drop the cookie: <c>localhost</c>, a single label, an address, a public suffix such as <c>co.uk</c>, letters outside ASCII (write
    /// <c>xn--…</c>), a trailing dot.
    /// </value>
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
    /// From <see cref="ServerSessionOptions.IdleTimeout"/> to 400 days. Null, the default, writes neither Expires nor Max-Age: the cookie ends with the browser.
    /// A response that used the session writes the cookie again once a tenth of this time has passed since it was written last. The session's
    /// own deadlines hold either way.
    /// </value>
    public TimeSpan? MaxAge { get; set; }

    /// <summary>Whether the cookie is written without the user's consent, where the application's cookie policy asks for consent.</summary>
    /// <value>True by default. Where it is false and the user has not consented, sessions are created whose cookie is held back.</value>
    public bool IsEssential { get; set; } = true;
}
