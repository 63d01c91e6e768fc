using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace ServerSession.AspNetCore;

/// <summary>
/// What a request sends for its session, copied from its HttpContext once, while the request runs: code that waits for the key ring or for a silo may continue
/// after the server has reused the HttpContext for the next request of the connection.
/// </summary>
internal readonly struct PresentedTokens
{
    /// <param name="request">The request.</param>
    /// <param name="headerName">The header that carries tokens; null where none does.</param>
    public PresentedTokens(HttpRequest request, string? headerName)
    {
        var headers = request.Headers;
        if (headerName is not null && headers.TryGetValue(headerName, out var token))
        {
            Transport = TokenTransport.Header;
            Values = token;
        }
        else
        {
            Values = headers.Cookie;
        }

        IsPreload = PreloadRequest.IsPreload(request);
        var endpoint = request.HttpContext.GetEndpoint()?.Metadata;
        Mode = IsPreload || endpoint?.GetMetadata<SessionPeekAttribute>() is not null ? OpenMode.Peek : OpenMode.Touch;
        MaxStaleness = endpoint?.GetMetadata<SessionMaxStalenessAttribute>()?.MaxStaleness ?? TimeSpan.Zero;
    }

    /// <summary>How the tokens came. Where the request has the header that carries tokens, its cookies count for nothing.</summary>
    public TokenTransport Transport { get; }

    /// <summary>The values of that header, or else the Cookie headers.</summary>
    public StringValues Values { get; }

    /// <summary>Whether the request is a prefetch or prerender.</summary>
    public bool IsPreload { get; }

    /// <summary>Whether the request extends the session that it uses.</summary>
    public OpenMode Mode { get; }

    /// <summary>How old the session may be that the request reads.</summary>
    public TimeSpan MaxStaleness { get; }
}
