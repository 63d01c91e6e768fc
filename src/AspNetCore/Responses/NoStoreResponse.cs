using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace ServerSession.AspNetCore;

/// <summary>
/// Stands before the response's headers once they carry a token, or a refusal. OnStarting callbacks of outer middleware, which were given before the
/// session's own, run after it; through this they can change everything but that the response is no-store.
/// </summary>
internal sealed class NoStoreResponse : IHttpResponseFeature
{
    private readonly IHttpResponseFeature _inner;
    private readonly NoStoreHeaders _headers;

    private NoStoreResponse(HttpContext context, IHttpResponseFeature inner, ResponseWarnings? warnings)
    {
        _inner = inner;
        _headers = new NoStoreHeaders(context, inner.Headers, warnings);
    }

    public int StatusCode
    {
        get => _inner.StatusCode;
        set => _inner.StatusCode = value;
    }

    public string? ReasonPhrase
    {
        get => _inner.ReasonPhrase;
        set => _inner.ReasonPhrase = value;
    }

    public IHeaderDictionary Headers
    {
        get => _headers;
        set => _inner.Headers = value;
    }

    [Obsolete("Use IHttpResponseBodyFeature.Stream instead.")]
    public Stream Body
    {
        get => _inner.Body;
        set => _inner.Body = value;
    }

    public bool HasStarted => _inner.HasStarted;

    /// <param name="context">The request.</param>
    /// <param name="warnings">Reports that somebody wants the response stored; null where no warning is due.</param>
    public static void Install(HttpContext context, ResponseWarnings? warnings) =>
        context.Features.Set<IHttpResponseFeature>(new NoStoreResponse(context, context.Features.GetRequiredFeature<IHttpResponseFeature>(), warnings));

    public void OnStarting(Func<object, Task> callback, object state) => _inner.OnStarting(callback, state);

    public void OnCompleted(Func<object, Task> callback, object state) => _inner.OnCompleted(callback, state);
}
