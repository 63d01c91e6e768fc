using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using ServerSession.Core;

namespace ServerSession.AspNetCore;

/// <summary>
/// Keeps the tickets of one cookie scheme in separate sessions. Renewing what is gone brings nothing back; reading moves the deadline without a
/// write; signing in gives a new key and ends the session of the old one.
/// </summary>
internal sealed partial class ServerSessionTicketStore(
    TicketSessions sessions, TicketSubjects subjects, CookieAuthenticationOptions scheme, ServerSessionTicketOptions options, ILogger<ServerSessionTicketStore> logger) : ITicketStore
{
    public Task<string> StoreAsync(AuthenticationTicket ticket) => StoreCoreAsync(ticket, null);

    public Task<string> StoreAsync(AuthenticationTicket ticket, CancellationToken cancellationToken) => StoreCoreAsync(ticket, null);

    public Task<string> StoreAsync(AuthenticationTicket ticket, HttpContext httpContext, CancellationToken cancellationToken) => StoreCoreAsync(ticket, httpContext);

    public Task RenewAsync(string key, AuthenticationTicket ticket) => RenewCoreAsync(key, ticket, null);

    public Task RenewAsync(string key, AuthenticationTicket ticket, CancellationToken cancellationToken) => RenewCoreAsync(key, ticket, null);

    public Task RenewAsync(string key, AuthenticationTicket ticket, HttpContext httpContext, CancellationToken cancellationToken) => RenewCoreAsync(key, ticket, httpContext);

    public Task<AuthenticationTicket?> RetrieveAsync(string key) => RetrieveCoreAsync(key, null, default);

    public Task<AuthenticationTicket?> RetrieveAsync(string key, CancellationToken cancellationToken) => RetrieveCoreAsync(key, null, cancellationToken);

    Task<AuthenticationTicket?> ITicketStore.RetrieveAsync(string key, HttpContext httpContext, CancellationToken cancellationToken) =>
        RetrieveCoreAsync(key, httpContext, cancellationToken);

    public Task RemoveAsync(string key) => RemoveCoreAsync(key, null);

    public Task RemoveAsync(string key, CancellationToken cancellationToken) => RemoveCoreAsync(key, null);

    public Task RemoveAsync(string key, HttpContext httpContext, CancellationToken cancellationToken) => RemoveCoreAsync(key, httpContext);

    /// <summary>Follows the ticket that the request was authenticated with; null where it brought none.</summary>
    public async ValueTask<ISessionFollower?> FollowAsync(HttpContext context) =>
        TicketRequest.Find(context, this) is { Read: { } read } request && await sessions.ParseAsync(request.Current(read.Key)).ConfigureAwait(false) is { } token
            ? sessions.Follow(token, read.ExpiresAt, read.Terms)
            : null;

    /// <summary>Nothing that changes the store is cancelled: a client that disconnects must not interrupt a sign-in or a sign-out half-way.</summary>
    private async Task<string> StoreCoreAsync(AuthenticationTicket ticket, HttpContext? context)
    {
        ArgumentNullException.ThrowIfNull(ticket);
        var times = TicketTerms.TimesOf(ticket, scheme, sessions.Now);
        var (key, id) = await sessions.CreateAsync(
            TicketTerms.Of(in times, options.AbsoluteLifetime, sessions.Now), TicketRecord.Of(ticket, times).ToChanges(),
            await subjects.BindAsync(options.Subject(ticket.Principal), context, options).ConfigureAwait(false)).ConfigureAwait(false);
        if (context is not null)
        {
            TicketRequest.Of(context, this).SessionId = id;
        }

        return key;
    }

    private async Task<AuthenticationTicket?> RetrieveCoreAsync(string key, HttpContext? context, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(key);
        var request = context is null ? null : TicketRequest.Of(context, this);
        key = request?.Current(key) ?? key;
        var mode = context?.GetEndpoint()?.Metadata.GetMetadata<SessionPeekAttribute>() is null ? OpenMode.Touch : OpenMode.Peek;
        if (await ReadAsync(key, mode, cancellationToken).ConfigureAwait(false) is not var (read, ticket))
        {
            return null;
        }

        if (request is not null)
        {
            request.Read = read;
            request.SessionId = read.Id;
        }

        return ticket;
    }

    private async Task RenewCoreAsync(string key, AuthenticationTicket ticket, HttpContext? context)
    {
        ArgumentNullException.ThrowIfNull(key);
        ArgumentNullException.ThrowIfNull(ticket);
        var request = context is null ? null : TicketRequest.Find(context, this);
        var current = request?.Current(key) ?? key;
        if (request is { IsSigningIn: true })
        {
            await ReplaceAsync(request, current, ticket, context!).ConfigureAwait(false);
            return;
        }

        var read = request?.Read is { } present && present.Key == current
            ? present
            : await ReadAsync(current, OpenMode.Peek, CancellationToken.None).ConfigureAwait(false) is var (stored, _) ? stored : null;
        if (read is null || !await CommitAsync(read, ticket, context).ConfigureAwait(false))
        {
            LogRenewedGone();
        }
    }

    private async ValueTask ReplaceAsync(TicketRequest request, string key, AuthenticationTicket ticket, HttpContext context)
    {
        // A bound ticket counts against its user's maximum, so the old one of the same user goes first. Otherwise nothing is lost where the sign-in fails.
        var subject = options.Subject(ticket.Principal);
        var goesFirst = subject is not null && !(request.Read is { } old && old.Key == key && old.Subject != subject);
        if (goesFirst)
        {
            await RemoveCoreAsync(key, null).ConfigureAwait(false);
        }

        request.Replace(key, await StoreCoreAsync(ticket, context).ConfigureAwait(false));
        if (!goesFirst)
        {
            await RemoveCoreAsync(key, null).ConfigureAwait(false);
        }
    }

    private async Task RemoveCoreAsync(string key, HttpContext? context)
    {
        ArgumentNullException.ThrowIfNull(key);
        var current = (context is null ? null : TicketRequest.Find(context, this)?.Current(key)) ?? key;
        if (await sessions.ParseAsync(current).ConfigureAwait(false) is { } token)
        {
            await sessions.DestroyAsync(token).ConfigureAwait(false);
        }
    }

    private async ValueTask<bool> CommitAsync(ReadTicket read, AuthenticationTicket ticket, HttpContext? context)
    {
        var times = TicketTerms.TimesOf(ticket, scheme, sessions.Now);
        if (times.Span == read.ShownSpan)
        {
            // The framework adds the span that it saw, which reads as longer with each use of a sliding session.
            times = times with { Expires = times.Issued + read.Record.Times.Span };
        }

        var record = TicketRecord.Of(ticket, times);
        var terms = TicketTerms.Of(in times, options.AbsoluteLifetime, read.CreatedAt);
        var isSame = record.Ticket.Span.SequenceEqual(read.Record.Ticket.Span);
        try
        {
            return await sessions.ParseAsync(read.Key).ConfigureAwait(false) is { } token
                && await sessions.CommitAsync(
                    token,
                    isSame ? [record.TimesChange()] : record.ToChanges(),
                    terms == read.Terms ? null : terms,
                    await RebindAsync(read, ticket, context).ConfigureAwait(false)).ConfigureAwait(false);
        }
        catch (SessionUnavailableException exception) when (isSame)
        {
            // The framework renews while the response starts, where an exception breaks it off. The next request renews again.
            LogNotRenewed(exception);
            return true;
        }
    }

    /// <summary>What the renewal changes of the binding: nothing, unless it is for another user.</summary>
    private async ValueTask<SubjectChange?> RebindAsync(ReadTicket read, AuthenticationTicket ticket, HttpContext? context)
    {
        var subject = options.Subject(ticket.Principal);
        return subject == read.Subject ? null : await subjects.BindAsync(subject, context, options).ConfigureAwait(false) ?? SubjectChange.Unbind;
    }

    private async ValueTask<(ReadTicket Read, AuthenticationTicket Ticket)?> ReadAsync(string key, OpenMode mode, CancellationToken cancellationToken)
    {
        if (await sessions.ParseAsync(key).ConfigureAwait(false) is not { } token
            || await sessions.OpenAsync(token, mode, cancellationToken).ConfigureAwait(false) is not { Snapshot: { } snapshot } reply)
        {
            return null;
        }

        if (TicketRecord.Read(snapshot.Data) is not var (record, ticket))
        {
            LogUnreadable(token.Id);
            return null;
        }

        // A session cookie carries no expiry, so the session's deadline is the only one. The browser drops a persistent cookie at the time that
        // was written into it, so the framework has to renew that one in time.
        ticket.Properties.IssuedUtc = record.Times.Issued;
        ticket.Properties.ExpiresUtc = record.Times.IsSliding && !ticket.Properties.IsPersistent ? reply.ExpiresAt : record.Times.Expires;
        return (new ReadTicket(key, token.Id, record, snapshot.Terms, snapshot.CreatedAt, options.Subject(ticket.Principal), ticket.Properties.ExpiresUtc - ticket.Properties.IssuedUtc) { ExpiresAt = reply.ExpiresAt }, ticket);
    }
}
