using System.Collections.Frozen;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace ServerSession.AspNetCore;

/// <summary>
/// Which headers of the application stay when its response is replaced. Those of CORS, security and tracing are about the exchange and not
/// about the content: without them a script of an allowed origin cannot read the refusal, and a page that shows it is unprotected. So are those that
/// OnStarting callbacks set, which run for every response, refused ones included. Cookies and whatever describes the lost content go.
/// </summary>
internal static class RefusalHeaders
{
    private static readonly string[] KeptPrefixes = ["Access-Control-", "Cross-Origin-", "X-B3-", "X-Datadog-"];

    private static readonly FrozenSet<string> Kept = new[]
    {
        "Vary", "Timing-Allow-Origin",
        "Content-Security-Policy", "Content-Security-Policy-Report-Only", "Strict-Transport-Security", "X-Content-Type-Options", "X-Frame-Options", "X-XSS-Protection",
        "X-Permitted-Cross-Domain-Policies", "X-Download-Options", "X-DNS-Prefetch-Control", "Referrer-Policy", "Permissions-Policy", "Feature-Policy", "Document-Policy",
        "Origin-Agent-Cluster", "Reporting-Endpoints", "Report-To", "NEL", "Expect-CT",
        "traceparent", "tracestate", "traceresponse", "b3", "Request-Id", "Request-Context", "Correlation-Context", "Correlation-Id", "X-Request-Id", "X-Correlation-Id", "X-Trace-Id",
        "X-Amzn-Trace-Id", "X-Cloud-Trace-Context", "Server-Timing",
    }.ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    private static readonly string[] ContentPrefixes = ["Content-", "Sec-WebSocket-", "X-Accel-"];

    private static readonly FrozenSet<string> Content = new[]
    {
        "Set-Cookie", "Location", "Refresh", "Retry-After", "Cache-Control", "Expires", "Pragma", "Age", "ETag", "Last-Modified", "Accept-Ranges", "Link", "Clear-Site-Data",
        "Surrogate-Control", "Edge-Control", "Transfer-Encoding", "Trailer", "Connection", "Keep-Alive", "Upgrade", "WWW-Authenticate", "SourceMap", "Allow",
    }.ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    /// <summary>The headers before the callbacks run, to tell afterwards what the callbacks set.</summary>
    public static KeyValuePair<string, StringValues>[] Record(IHeaderDictionary headers) => headers.ToArray();

    /// <summary>Removes what does not stay.</summary>
    /// <param name="headers">The application's headers.</param>
    /// <param name="before">The headers before the callbacks ran; null where none ran.</param>
    public static void Retain(IHeaderDictionary headers, KeyValuePair<string, StringValues>[]? before)
    {
        foreach (var header in Record(headers))
        {
            if (!IsKept(header.Key) && (before is null || IsContent(header.Key) || before.Any(earlier => IsSame(earlier, header))))
            {
                headers.Remove(header.Key);
            }
        }
    }

    private static bool IsKept(string name) => Kept.Contains(name) || StartsWithAny(name, KeptPrefixes);

    private static bool IsContent(string name) => Content.Contains(name) || CacheRules.IsTargeted(name) || StartsWithAny(name, ContentPrefixes);

    private static bool StartsWithAny(string name, string[] prefixes)
    {
        foreach (var prefix in prefixes)
        {
            if (name.StartsWith(prefix, StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }
        }

        return false;
    }

    private static bool IsSame(KeyValuePair<string, StringValues> left, KeyValuePair<string, StringValues> right) =>
        left.Key.Equals(right.Key, StringComparison.OrdinalIgnoreCase) && left.Value == right.Value;
}
