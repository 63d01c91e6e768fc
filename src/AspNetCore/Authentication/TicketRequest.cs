using Microsoft.AspNetCore.Http;

namespace ServerSession.AspNetCore;

/// <summary>What one request has done with the tickets of one scheme.</summary>
internal sealed class TicketRequest
{
    private Dictionary<string, string>? _replaced;

    /// <summary>The ticket that was read last, and the key it was read with.</summary>
    public ReadTicket? Read { get; set; }

    /// <summary>The id of the session of the ticket that was read or stored last.</summary>
    public SessionId? SessionId { get; set; }

    /// <summary>Whether the application signs a user in: what the framework then renews is to get a new key.</summary>
    public bool IsSigningIn { get; set; }

    public bool HasReplaced => _replaced is not null;

    /// <summary>The state of the request for a scheme's store; made where it is not there.</summary>
    public static TicketRequest Of(HttpContext context, object store)
    {
        if (context.Items.TryGetValue(store, out var present) && present is TicketRequest request)
        {
            return request;
        }

        request = new TicketRequest();
        context.Items[store] = request;
        return request;
    }

    public static TicketRequest? Find(HttpContext context, object store) => context.Items.TryGetValue(store, out var present) ? present as TicketRequest : null;

    /// <summary>Notes that a key was replaced by another one. The handler goes on with the old one.</summary>
    public void Replace(string key, string by) => (_replaced ??= new(StringComparer.Ordinal))[key] = by;

    /// <summary>The key that a key of the handler stands for now.</summary>
    public string Current(string key)
    {
        while (_replaced is not null && _replaced.TryGetValue(key, out var next))
        {
            key = next;
        }

        return key;
    }
}

/// <summary>A ticket as it was read: what a renewal is compared with.</summary>
/// <param name="Key">The key it was read with.</param>
/// <param name="Id">The id of the ticket's session.</param>
/// <param name="Record">What the session holds.</param>
/// <param name="Terms">The session's terms.</param>
/// <param name="CreatedAt">When the session was created.</param>
/// <param name="Subject">The user that the ticket names; null where it names none.</param>
/// <param name="ShownSpan">The time span that the framework saw.</param>
internal sealed record ReadTicket(string Key, SessionId Id, TicketRecord Record, SessionTerms Terms, DateTimeOffset CreatedAt, string? Subject, TimeSpan? ShownSpan)
{
    /// <summary>When the session expires unless it is used.</summary>
    public DateTimeOffset ExpiresAt { get; init; }
}
