using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Hosting;
using Microsoft.Net.Http.Headers;

namespace ServerSession.AspNetCore;

/// <summary>
/// The cookie as the options and the environment make it. It is written through <see cref="HttpResponse.Cookies"/>, so that the
/// application's cookie policy holds for it.
/// </summary>
internal sealed class SessionCookie
{
    /// <summary>A persistent cookie is written again once this part of its life has passed.</summary>
    private const int RenewalsPerLife = 10;

    private readonly CookieBuilder _builder;
    private readonly string _start;

    public SessionCookie(SessionCookieOptions options, IHostEnvironment? environment, ResponseWarnings warnings)
    {
        Name = SessionCookieRules.NameOf(options, environment);
        _start = Name + "=";
        Warnings = warnings;
        _builder = new CookieBuilder
        {
            Name = Name,
            Path = options.Path,
            Domain = options.Domain,
            SameSite = options.SameSite,
            SecurePolicy = SessionCookieRules.SecurePolicyOf(options, environment),
            HttpOnly = true,
            IsEssential = options.IsEssential,
            MaxAge = options.MaxAge,
        };
    }

    public string Name { get; }

    public ResponseWarnings Warnings { get; }

    /// <summary>Hands out a token with the response.</summary>
    public void Issue(HttpContext context, string token, DateTimeOffset now)
    {
        var options = _builder.Build(context);
        var value = _builder.MaxAge is null ? token : CookieStamp.Append(token, now);
        RemoveOwn(context.Response.Headers, options);
        context.Response.Cookies.Append(Name, value, options);
        Check(context, value);
    }

    /// <summary>Makes the user agent forget the token.</summary>
    public void Expire(HttpContext context)
    {
        var options = _builder.Build(context);
        options.MaxAge = null;
        RemoveOwn(context.Response.Headers, options);
        context.Response.Cookies.Delete(Name, options);
    }

    /// <summary>
    /// Whether a persistent cookie is to be written again. A time far in the future counts as none: clocks of frontends differ by seconds.
    /// </summary>
    /// <param name="writtenAt">When the request's cookie was written; null where its value does not say.</param>
    /// <param name="now">The present time.</param>
    public bool IsRenewalDue(DateTimeOffset? writtenAt, DateTimeOffset now) =>
        _builder.MaxAge is { } life && !(writtenAt is { } time && (now - time).Duration() < life / RenewalsPerLife);

    /// <summary>Of two Set-Cookie lines for one cookie, user agents and proxies disagree which counts.</summary>
    private void RemoveOwn(IHeaderDictionary headers, CookieOptions options)
    {
        if (headers.SetCookie is { Count: > 0 } present)
        {
            headers.SetCookie = present.Where(line => !IsOwn(line, options)).ToArray();
        }
    }

    private bool IsOwn(string? line, CookieOptions options) =>
        line is not null && line.StartsWith(_start, StringComparison.Ordinal)
        && (!SetCookieHeaderValue.TryParse(line, out var cookie) || (cookie.Path == options.Path && cookie.Domain == options.Domain));

    /// <summary>A policy may drop the cookie, and a callback of it may change the cookie: then the session is lost, and nobody would know why.</summary>
    private void Check(HttpContext context, string value)
    {
        foreach (var line in context.Response.Headers.SetCookie)
        {
            if (line is not null && line.StartsWith(_start, StringComparison.Ordinal) && IsValue(line.AsSpan(_start.Length), value))
            {
                CheckReach(context, line);
                return;
            }
        }

        if (!_builder.IsEssential && context.Features.Get<ITrackingConsentFeature>() is { CanTrack: false })
        {
            Warnings.CookieWithheld(Name);
        }
        else
        {
            Warnings.CookieChanged(Name);
        }
    }

    private void CheckReach(HttpContext context, string line)
    {
        if (!context.Request.IsHttps && line.Contains("; secure", StringComparison.OrdinalIgnoreCase))
        {
            Warnings.PlainHttp(Name);
        }

        if (_builder.Domain is { } domain && context.Request.Host.Host is var host && !CookieDomain.Matches(host, domain))
        {
            Warnings.HostOutsideDomain(host, domain);
        }
    }

    private static bool IsValue(ReadOnlySpan<char> rest, string value) =>
        rest.StartsWith(value, StringComparison.Ordinal) && (rest.Length == value.Length || rest[value.Length] == ';');
}
