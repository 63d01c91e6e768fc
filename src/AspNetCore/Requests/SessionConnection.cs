namespace ServerSession;

/// <summary>What a request knows of its session.</summary>
internal enum SessionStanding : byte
{
    /// <summary>The token was not looked at yet.</summary>
    Unknown = 0,

    /// <summary>There is no session: no token, or its session is gone, or it was rotated away.</summary>
    None,

    /// <summary>The token's shield is right; the session was not asked.</summary>
    Presented,

    /// <summary>The owner confirmed the session in this request.</summary>
    Live,
}

/// <summary>
/// A request's line to its session's owner: the token, and one operation at a time (its caller sees to that). Outcomes that the caller
/// cannot go on with become exceptions here, in one place.
/// </summary>
internal sealed partial class SessionConnection(PresentedTokens presented, SessionServices services)
{
    private SessionToken _token;
    private VerifierHash _verifier;
    private SessionToken? _reserved;
    private bool _isIssued;

    public SessionStanding Standing { get; private set; }

    /// <summary>The session as last told by its owner; null where a commit came after and nobody asked since.</summary>
    public SessionSnapshot? Snapshot { get; private set; }

    public DateTimeOffset ExpiresAt { get; private set; }

    public DateTimeOffset? CreatedAt { get; private set; }

    /// <summary>Whether the request goes on without the session because it could not be reached.</summary>
    public bool Degraded { get; private set; }

    /// <summary>The token to hand out with the response; null where the request's is still the right one.</summary>
    public SessionToken? Issued => _isIssued ? _token : null;

    /// <summary>Whether the request brought a token of this cluster, of a session that lives or not.</summary>
    public bool BroughtToken { get; private set; }

    /// <summary>The token that the session answers to; meaningless where there is none.</summary>
    public SessionToken Token => _token;

    /// <summary>Whether this request destroyed the session the user agent has a token of.</summary>
    public bool Destroyed { get; private set; }

    public TokenTransport Transport => presented.Transport;

    public VerifierHash Verifier => _verifier;

    public SessionId? Id => Standing is SessionStanding.Live ? _token.Id : null;

    /// <summary>
    /// The id that the request's token names, where nobody has said that its session is gone: the session is not opened yet, or cannot be reached.
    /// </summary>
    public SessionId? PresentedId => (Standing == SessionStanding.Presented || Degraded) && !_token.Id.IsDefault ? _token.Id : null;

    /// <summary>The id that a session created by this request will have.</summary>
    public SessionId ReservedId => (_reserved ??= SessionToken.New()).Id;

    /// <summary>Whether the answer to "is there a session, and what is in it" needs no waiting.</summary>
    public bool IsLoaded => Standing == SessionStanding.None || (Standing == SessionStanding.Live && Snapshot is not null);

    /// <summary>Whether the request is a prefetch, which starts no session.</summary>
    public bool IsPreload => presented.IsPreload;

    /// <summary>Looks at the token; makes no call but for a key ring that lacks its key.</summary>
    public ValueTask IdentifyAsync() => TryIdentify() ? default : IdentifySlowlyAsync();

    /// <summary>Looks at the token where that needs no waiting; false where the key ring lacks its key.</summary>
    public bool TryIdentify()
    {
        if (Standing != SessionStanding.Unknown)
        {
            return true;
        }

        if (!TokenReader.HasCandidate(in presented, services.Cookie.Name))
        {
            Standing = SessionStanding.None;
            return true;
        }

        if (services.Keys.Current is { } ring && Read(ring) is var status and not TokenStatus.UnknownKey)
        {
            Take(status);
            return true;
        }

        return false;
    }

    /// <summary>Settles that there is no session where nothing in the request looks like a token.</summary>
    public void IdentifyAbsent()
    {
        if (!TokenReader.HasCandidate(in presented, services.Cookie.Name))
        {
            Standing = SessionStanding.None;
        }
    }

    /// <summary>Whether there is a session; opens it where that is not known. A session published beside its silo opens without waiting.</summary>
    public ValueTask<bool> OpenAsync(CancellationToken cancellationToken)
    {
        if (!IsLoaded)
        {
            var identified = IdentifyAsync();
            if (!identified.IsCompletedSuccessfully)
            {
                return IdentifyAndOpenAsync(identified, cancellationToken);
            }

            if (Standing != SessionStanding.None)
            {
                var began = services.Metrics.Begin();
                var call = CallOpenAsync(cancellationToken);
                if (!call.IsCompletedSuccessfully)
                {
                    return OpenSlowlyAsync(call, began);
                }

                var reply = call.Result;
                if (reply.Outcome != SessionOutcome.Opened)
                {
                    return OpenSlowlyAsync(new(reply), began);
                }

                services.Metrics.Operation(SessionOperation.Open, reply.Outcome, began);
                Confirm(in reply);
            }
        }

        return new(Standing == SessionStanding.Live);
    }

    private async ValueTask<bool> IdentifyAndOpenAsync(ValueTask identified, CancellationToken cancellationToken)
    {
        try
        {
            await identified;
        }
        catch (SessionUnavailableException exception) when (services.Options.OnUnavailable == UnavailablePolicy.Degrade)
        {
            Degrade(exception);
            return false;
        }

        return await OpenAsync(cancellationToken);
    }

    private async ValueTask<bool> OpenSlowlyAsync(ValueTask<SessionReply> call, long began)
    {
        var outcome = SessionOutcome.None;
        try
        {
            var reply = await call;
            outcome = reply.Outcome;
            return Opened(in reply);
        }
        catch (SessionUnavailableException exception) when (services.Options.OnUnavailable == UnavailablePolicy.Degrade)
        {
            Degrade(exception);
            return false;
        }
        finally
        {
            services.Metrics.Operation(SessionOperation.Open, outcome, began);
        }
    }

    /// <summary>Goes on without the session.</summary>
    public void Degrade(SessionUnavailableException exception)
    {
        if (!Degraded)
        {
            Degraded = true;
            services.Metrics.Degraded();
            SessionLog.Degraded(services.Logger, exception);
        }

        Standing = SessionStanding.None;
        Snapshot = null;
    }

    private async ValueTask IdentifySlowlyAsync()
    {
        var ring = await AwaitKeysAsync(services.Keys.GetAsync());
        var status = Read(ring);
        if (status == TokenStatus.UnknownKey)
        {
            status = Read(await AwaitKeysAsync(services.Keys.GetForUnknownKeyAsync()));
        }

        Take(status);
    }

    private TokenStatus Read(ShieldKeyRing ring) => TokenReader.Read(
        in presented, services.Cookie.Name, services.Tokens, ring, services.Time.GetUtcNow(), out _token, out _verifier);

    private void Take(TokenStatus status)
    {
        if (status == TokenStatus.Valid)
        {
            Standing = SessionStanding.Presented;
            BroughtToken = true;
        }
        else
        {
            services.Metrics.InvalidToken();
            Standing = SessionStanding.None;
        }
    }

    private bool Opened(in SessionReply reply)
    {
        switch (reply.Outcome)
        {
            case SessionOutcome.Opened:
                Confirm(in reply);
                return true;
            case SessionOutcome.Gone:
                services.Endings.End(_token.Id);
                Lose();
                return false;
            case SessionOutcome.Stale:
                Lose();
                return false;
            default:
                throw Unexpected(reply.Outcome);
        }
    }

    private void Confirm(in SessionReply reply)
    {
        Standing = SessionStanding.Live;
        Snapshot = reply.Snapshot;
        ExpiresAt = reply.ExpiresAt;
        CreatedAt = reply.Snapshot?.CreatedAt ?? CreatedAt;
        services.Endings.Observe(_token.Id, _verifier, reply.ExpiresAt);
    }

    /// <summary>
    /// A token handed out before is dropped with it: it opens nothing any more, and a parallel request may have received a better one.
    /// </summary>
    private void Lose()
    {
        _isIssued = false;
        Standing = SessionStanding.None;
        Snapshot = null;
        CreatedAt = null;
    }

    private static SessionUnavailableException Unexpected(SessionOutcome outcome) =>
        new($"The session store answered {outcome}, which is no answer to that operation.");
}
