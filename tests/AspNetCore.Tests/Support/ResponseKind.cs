using Microsoft.AspNetCore.Http;

namespace ServerSession.Tests;

/// <summary>How a client asks for a response.</summary>
internal enum Exchange
{
    Request,
    Upgrade,
    WebSocket,
}

/// <summary>One kind of response: who answers, and what a client must see of it.</summary>
internal sealed class ResponseKind
{
    /// <summary>The pipeline it runs in, a slash, and what it does there: the path of its endpoint.</summary>
    public required string Name { get; init; }

    /// <summary>Answers, after the session was changed and a header and a cookie of the application were set.</summary>
    public required Func<HttpContext, Task> Respond { get; init; }

    public Server[] Servers { get; init; } = Enum.GetValues<Server>();

    public Exchange Exchange { get; init; }

    public HttpMethod Method { get; init; } = HttpMethod.Get;

    public int Status { get; init; } = StatusCodes.Status200OK;

    public bool HasText { get; init; } = true;

    /// <summary>Whether the application breaks its response off after the first bytes.</summary>
    public bool BreaksOff { get; init; }

    /// <summary>
    /// Whether a wrapper inside the middleware holds unflushed bytes, which then go past the gate: a failed commit breaks the response off
    /// (500, or none) instead of replacing it.
    /// </summary>
    public bool GoesRound { get; init; }

    /// <summary>How often its pipeline comes back through the middleware, and commits.</summary>
    public int Commits { get; init; } = 1;

    /// <summary>Whether it needs HttpContext.Session, and changes the session through it.</summary>
    public bool UsesAdapter { get; init; }

    public string Pipeline => Name[..Name.IndexOf('/', StringComparison.Ordinal)];

    public string Path => "/" + Name;
}
