using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Http;

namespace ServerSession.AspNetCore;

/// <summary>
/// What requests to an endpoint have done with <c>HttpContext.Session</c>, which reads without waiting: where all of them used it, a slow load is
/// awaited before the endpoint runs; where not, it is not, because an endpoint that does not use its session must not wait for it.
/// </summary>
internal sealed class EndpointUse
{
    private volatile bool _used;
    private volatile bool _unused;

    public bool IsCertain => _used && !_unused;

    public void Note(bool used)
    {
        if (used && !_used)
        {
            _used = true;
        }
        else if (!used && !_unused)
        {
            _unused = true;
        }
    }
}

/// <summary>What is known of each endpoint, for as long as the endpoint is there.</summary>
internal sealed class EndpointUses
{
    private readonly ConditionalWeakTable<Endpoint, EndpointUse> _uses = [];

    /// <summary>What is known of an endpoint; null where the request has none.</summary>
    public EndpointUse? Of(Endpoint? endpoint) => endpoint is null ? null : _uses.GetOrCreateValue(endpoint);
}
