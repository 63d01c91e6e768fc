using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace ServerSession;

/// <summary>
/// What a request says of its session, taken from its HttpContext once, while the request runs: whoever waits for the key ring or for a silo
/// may go on when the server has given the HttpContext to the next request of the connection.
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
            UsesHeader = true;
            Header = token;
        }
        else
        {
            Cookies = headers.Cookie;
        }

        IsPreload = Preload.Is(request);
    }

    /// <summary>Whether the request has the header that carries tokens: then its cookies count for nothing.</summary>
    public bool UsesHeader { get; }

    /// <summary>The values of that header.</summary>
    public StringValues Header { get; }

    /// <summary>The Cookie headers; empty where the other header is used.</summary>
    public StringValues Cookies { get; }

    /// <summary>Whether the request is a prefetch or prerender.</summary>
    public bool IsPreload { get; }

    public TokenTransport Transport => UsesHeader ? TokenTransport.Header : TokenTransport.Cookie;
}
