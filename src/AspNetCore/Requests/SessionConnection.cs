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

    /// <summary>
    /// The session ended, or its token was replaced, while the request was working with it; or the token was replaced just before. Reads find
    /// no session, and changes are refused: a new session would replace what a parallel request has just done.
    /// </summary>
    Ended,
}

/// <summary>
/// A request's line to its session's owner: the token, and one operation at a time (its caller sees to that). Outcomes that the caller
/// cannot go on with become exceptions here, in one place.
/// </summary>
internal sealed partial class SessionConnection(PresentedTokens presented, SessionServices services)
{
    private SessionToken _token;
    private VerifierHash _verifier;
    private SessionIdLease? _reserved;
    private FurtherTokens? _further;
    private SessionOutcome _endedAs;
    private bool _isIssued;
    private bool _seenAlive;
    private bool _justReplaced;
    private bool _keysRefreshed;

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

    /// <summary>Whether this request asked for the end of its session, and the user agent has a cookie to forget.</summary>
    public bool Destroyed { get; private set; }

    public TokenTransport Transport => presented.Transport;

    public VerifierHash Verifier => _verifier;

    public SessionId? Id => Standing is SessionStanding.Live ? _token.Id : null;

    /// <summary>
    /// The id that the request's token names, where nobody has said that its session is gone: the session is not opened yet, or cannot be reached.
    /// </summary>
    public SessionId? PresentedId => (Standing == SessionStanding.Presented || Degraded) && !_token.Id.IsDefault ? _token.Id : null;

    /// <summary>The id that a session created by this request will have.</summary>
    public SessionId ReservedId => (_reserved ??= services.Ids.TakeAtOnce()).Id;

    /// <summary>Whether the answer to "is there a session, and what is in it" needs no waiting.</summary>
    public bool IsLoaded => Standing is SessionStanding.None or SessionStanding.Ended || (Standing == SessionStanding.Live && Snapshot is not null);

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

        if (_further is null && services.Keys.Current is { } ring && Read(ring) is var status and not TokenStatus.UnknownKey)
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

            if (!IsLoaded)
            {
                var began = services.Metrics.Begin();
                var call = CallOpenAsync(cancellationToken);
                if (!call.IsCompletedSuccessfully)
                {
                    return OpenSlowlyAsync(call, began, cancellationToken);
                }

                var reply = call.Result;
                if (reply.Outcome != SessionOutcome.Opened)
                {
                    return OpenSlowlyAsync(new(reply), began, cancellationToken);
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

    private async ValueTask<bool> OpenSlowlyAsync(ValueTask<SessionReply> call, long began, CancellationToken cancellationToken)
    {
        var outcome = SessionOutcome.None;
        try
        {
            var reply = await call;
            outcome = reply.Outcome;
            switch (outcome)
            {
                case SessionOutcome.Opened:
                    Confirm(in reply);
                    return true;
                case SessionOutcome.Gone or SessionOutcome.Stale:
                    Lose(in reply);
                    break;
                default:
                    throw SessionReplies.Refusal(in reply);
            }
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

        return !IsLoaded && await OpenAsync(cancellationToken);
    }

    /// <summary>Throws where the session ended while the request was working with it.</summary>
    /// <exception cref="SessionEndedException">It did.</exception>
    public void ThrowIfEnded()
    {
        if (Standing == SessionStanding.Ended)
        {
            throw SessionReplies.Ended(_endedAs);
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
        var again = _further is not null;
        _keysRefreshed = again;
        var ring = await AwaitKeysAsync(again ? services.Keys.GetForUnknownKeyAsync() : services.Keys.GetAsync());
        var status = Read(ring);
        if (!again && status == TokenStatus.UnknownKey)
        {
            status = Read(await AwaitKeysAsync(services.Keys.GetForUnknownKeyAsync()));
        }

        Take(status);
    }

    private TokenStatus Read(ShieldKeyRing ring) => TokenReader.Read(
        in presented, services.Cookie.Name, services.Tokens, ring, services.Time.GetUtcNow(), out _token, out _verifier, out _further);

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
            EndSearch();
        }
    }

    private void Confirm(in SessionReply reply)
    {
        Standing = SessionStanding.Live;
        _seenAlive = true;
        Snapshot = reply.Snapshot;
        ExpiresAt = reply.ExpiresAt;
        CreatedAt = reply.Snapshot?.CreatedAt ?? CreatedAt;
        services.Endings.Observe(_token.Id, _verifier, reply.ExpiresAt);
    }

    /// <summary>
    /// The owner said Gone or Stale. Where the request has seen the session alive, its work with it is refused. Else the token is as good as none:
    /// the next one has its turn, and after the last the request has no session, unless a token was replaced so recently that a parallel request
    /// may just have handed out a better one.
    /// </summary>
    private void Lose(in SessionReply reply)
    {
        if (reply.Outcome == SessionOutcome.Gone)
        {
            services.Endings.End(_token.Id);
        }

        var seenAlive = _seenAlive;
        Forget();
        if (seenAlive)
        {
            Standing = SessionStanding.Ended;
            _endedAs = reply.Outcome;
            return;
        }

        _justReplaced |= reply is { Outcome: SessionOutcome.Stale, GraceIsOver: false };
        if (TakeNext())
        {
            return;
        }

        if (_further is { HasUnknownKey: true } && !_keysRefreshed && services.Keys.Changes)
        {
            // The tokens are read again with the keys as they now are.
            Standing = SessionStanding.Unknown;
            return;
        }

        EndSearch();
    }

    private void EndSearch()
    {
        Standing = _justReplaced ? SessionStanding.Ended : SessionStanding.None;
        _endedAs = SessionOutcome.Stale;
    }

    private bool TakeNext()
    {
        if (_further is null || !_further.TryTake(out var next))
        {
            return false;
        }

        (_token, _verifier) = next;
        Standing = SessionStanding.Presented;
        return true;
    }

    /// <summary>
    /// A token handed out before is dropped with it: it opens nothing any more, and a parallel request may have received a better one.
    /// </summary>
    private void Forget()
    {
        _isIssued = false;
        _seenAlive = false;
        Snapshot = null;
        CreatedAt = null;
    }
}
