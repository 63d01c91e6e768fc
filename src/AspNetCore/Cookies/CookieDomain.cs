using System.Globalization;

namespace ServerSession.AspNetCore;

/// <summary>Which Cookie:Domain browsers take (RFC 6265, section 5.3), as far as it can be known without the network.</summary>
internal static class CookieDomain
{
    private const string Remove = "or remove the key to keep the cookie on this host";

    /// <summary>What is wrong with a domain, and the fix; null where nothing is.</summary>
    public static string? FaultOf(string domain)
    {
        // Browsers pass over one leading dot.
        var host = domain.StartsWith('.') ? domain[1..] : domain;
        if (host.Any(static letter => letter > '\x7f'))
        {
            return AsciiOf(host) is { } ascii
                ? $"Domain is \"{domain}\", and headers are ASCII; write it as {ascii}, {Remove}."
                : $"Domain is \"{domain}\", which is no host name; write one such as example.com, {Remove}.";
        }

        if (host.EndsWith('.') && IsHostName(host[..^1]))
        {
            return $"Domain is \"{domain}\"; browsers never match a trailing dot. Write {host[..^1]}, {Remove}.";
        }

        if (!IsHostName(host))
        {
            return $"Domain is \"{domain}\"; write a host name such as example.com, without scheme, port or wildcard, {Remove}.";
        }

        if (host.Equals("localhost", StringComparison.OrdinalIgnoreCase))
        {
            return $"Domain is \"{domain}\"; browsers drop cookies with that domain. Remove the key: the cookie then stays on this host.";
        }

        if (!host.Contains('.', StringComparison.Ordinal))
        {
            return $"Domain is \"{domain}\", a single label; browsers drop such a cookie. Write a host name such as example.com, {Remove}.";
        }

        return PublicSuffixes.Contains(host)
            ? $"Domain is \"{domain}\", a suffix below which many owners have names; browsers drop such a cookie, or would send it to all of them. Write your own name below it, {Remove}."
            : null;
    }

    /// <summary>Whether a browser at <paramref name="host"/> takes a cookie with that domain.</summary>
    public static bool Matches(string host, string domain)
    {
        var suffix = domain.AsSpan().TrimStart('.');
        return host.Length == suffix.Length
            ? suffix.Equals(host, StringComparison.OrdinalIgnoreCase)
            : host.Length > suffix.Length && host[^(suffix.Length + 1)] == '.' && host.AsSpan().EndsWith(suffix, StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>A name that ends with a number is an address to browsers, and an address has no domain.</summary>
    private static bool IsHostName(string host) =>
        Uri.CheckHostName(host) == UriHostNameType.Dns && !host.StartsWith('.') && !host.EndsWith('.')
        && host.AsSpan(host.LastIndexOf('.') + 1).ContainsAnyExceptInRange('0', '9');

    private static string? AsciiOf(string host)
    {
        try
        {
            var ascii = new IdnMapping().GetAscii(host.TrimEnd('.').ToLowerInvariant());
            return IsHostName(ascii) ? ascii : null;
        }
        catch (ArgumentException)
        {
            return null;
        }
    }
}
