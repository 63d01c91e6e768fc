namespace ServerSession.AspNetCore;

/// <summary>
/// What a request knows of its session, and the operations that it asks of the session grain: one at a time, which its caller sees to. Outcomes
/// that the caller cannot go on with become exceptions here.
/// </summary>
internal sealed class SessionConnection
{
    private readonly SessionServices _services;
    private readonly RequestCalls _calls;
    private SessionCreation? _creation;
    private SessionOutcome _endedAs;
    private bool _isIssued;
    private bool _seenAlive;
    private bool _justReplaced;
    private DateTimeOffset _createdAt;

    public SessionConnection(PresentedTokens presented, SessionServices services)
    {
        _services = services;
        _calls = new RequestCalls(services);
        Brought = new RequestTokens(presented, _calls, services);
    }

    public SessionStatus Status { get; private set; }

    /// <summary>The session as the session grain last told it; null where a commit came after and nobody asked since.</summary>
    public SessionSnapshot? Snapshot { get; private set; }

    public DateTimeOffset ExpiresAt { get; private set; }

    public DateTimeOffset? CreatedAt => _createdAt == default ? null : _createdAt;
    public bool IsBound { get; private set; }

    /// <summary>Whether the request goes on without the session because it could not be reached.</summary>
    public bool Degraded { get; private set; }

    /// <summary>Whether this request asked for the end of its session, and the user agent has a cookie to forget.</summary>
    public bool Destroyed { get; private set; }

    /// <summary>The tokens that the request brought.</summary>
    public RequestTokens Brought { get; }

    /// <summary>The token that the session answers to; null where the request has none.</summary>
    public VerifiedToken? Token { get; private set; }

    /// <summary>The token to hand out with the response; null where the request's is still the right one.</summary>
    public VerifiedToken? Issued => _isIssued ? Token : null;

    public SessionId? Id => Status == SessionStatus.Live ? Token!.Id : null;

    /// <summary>How a session of this request is created.</summary>
    public SessionCreation Creation => _creation ??= new SessionCreation(_calls, _services);

    /// <summary>Whether the answer to "is there a session, and what is in it" is known.</summary>
    public bool IsLoaded => Status is SessionStatus.None or SessionStatus.Ended || (Status == SessionStatus.Live && Snapshot is not null);

    /// <summary>Looks at the token where that needs no waiting; else the status stays <see cref="SessionStatus.Unknown"/>.</summary>
    public void TryIdentify()
    {
        if (Status == SessionStatus.Unknown && Brought.TryReadFirst(out var token))
        {
            Identify(token);
        }
    }

    /// <summary>Looks at the token; makes no call but for a key ring that lacks its key.</summary>
    /// <exception cref="SessionUnavailableException">The keys cannot be read now.</exception>
    public async ValueTask IdentifyAsync()
    {
        TryIdentify();
        if (Status == SessionStatus.Unknown)
        {
            Identify(await Brought.ReadFirstAsync());
        }
    }

    /// <summary>Whether there is a session; opens it where that is not known.</summary>
    /// <exception cref="SessionUnavailableException">It cannot be reached, and the policy is to fail.</exception>
    public async ValueTask<bool> OpenAsync(CancellationToken cancellationToken)
    {
        try
        {
            await IdentifyAsync();
            while (!IsLoaded)
            {
                var reply = await _calls.OpenAsync(Token!, Brought.Mode, Brought.MaxStaleness, cancellationToken);
                switch (reply.Outcome)
                {
                    case SessionOutcome.Opened:
                        Confirm(in reply);
                        return true;
                    case SessionOutcome.Gone or SessionOutcome.Stale:
                        ClearSession(in reply);
                        await IdentifyAsync();
                        break;
                    default:
                        throw SessionReplies.Refusal(in reply);
                }
            }
        }
        catch (SessionUnavailableException exception) when (_services.Options.OnUnavailable == UnavailablePolicy.Degrade)
        {
            Degrade(exception);
        }

        return Status == SessionStatus.Live;
    }

    /// <summary>
    /// Commits to the session the request has: changes, other terms and a rotation, all or nothing. Null where it turns out that the request has
    /// none, and nothing was committed.
    /// </summary>
    /// <exception cref="SessionUnavailableException">It is not known to be committed.</exception>
    /// <exception cref="SessionEndedException">The session ended while the request was working with it.</exception>
    public async ValueTask<SessionReply?> CommitAsync(SessionChange[] changes, SessionTerms? terms, bool rotate, bool wantSnapshot, SubjectChange? subject = null)
    {
        do
        {
            var next = rotate ? VerifiedToken.New(Token!.Id) : null;
            var reply = await _calls.CommitAsync(Token!, changes, terms, next, wantSnapshot, isTouch: !Brought.IsPreload, subject);
            switch (reply.Outcome)
            {
                case SessionOutcome.Committed:
                    Confirm(in reply, next);
                    return reply;
                case SessionOutcome.Gone or SessionOutcome.Stale:
                    ClearSession(in reply);
                    break;
                default:
                    throw SessionReplies.Refusal(in reply);
            }

            await IdentifyAsync();
        }
        while (Status == SessionStatus.TokenVerified);

        ThrowIfEnded();
        return null;
    }

    /// <summary>Creates a session with its first changes.</summary>
    /// <exception cref="SessionUnavailableException">None could be created.</exception>
    public async ValueTask<SessionReply> CreateAsync(SessionChange[] changes, SessionTerms? terms, SubjectChange? subject = null)
    {
        var (token, reply) = await Creation.RunAsync(changes, terms, subject);
        Confirm(in reply, token);
        return reply;
    }

    /// <summary>
    /// Ends the session the request has, and every other that its tokens open, so that none of them takes its place. The user agent forgets its
    /// cookie whether or not there was a session.
    /// </summary>
    /// <exception cref="SessionEndedException">The session lives, under a token that has just replaced the request's.</exception>
    public async ValueTask DestroyAsync()
    {
        var replaced = Status == SessionStatus.Ended && _endedAs == SessionOutcome.Stale;
        var destroyed = false;
        while (Status is SessionStatus.TokenVerified or SessionStatus.Live)
        {
            var reply = await _calls.DestroyAsync(Token!);
            switch (reply.Outcome)
            {
                case SessionOutcome.Stale:
                    replaced |= _seenAlive || !reply.GraceIsOver;
                    break;
                case SessionOutcome.Destroyed or SessionOutcome.Gone:
                    destroyed |= reply.Outcome == SessionOutcome.Destroyed;
                    _services.Endings.End(Token!.Id);
                    break;
                default:
                    throw SessionReplies.Refusal(in reply);
            }

            Forget();
            Status = SessionStatus.None;
            TryTakeNext();
        }

        Status = SessionStatus.None;
        Destroyed |= destroyed || Brought.HasCookie;
        if (replaced && !destroyed)
        {
            Status = SessionStatus.Ended;
            _endedAs = SessionOutcome.Stale;
            ThrowIfEnded();
        }
    }

    /// <summary>Throws where the session ended while the request was working with it.</summary>
    /// <exception cref="SessionEndedException">It did.</exception>
    public void ThrowIfEnded()
    {
        if (Status == SessionStatus.Ended)
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
            _services.Metrics.Degraded();
            SessionLog.Degraded(_services.Logger, exception);
        }

        Status = SessionStatus.None;
        Snapshot = null;
    }

    private void Identify(VerifiedToken? token)
    {
        if (token is not null)
        {
            Token = token;
            Status = SessionStatus.TokenVerified;
            return;
        }

        if (Brought.HasCandidate)
        {
            _services.Metrics.InvalidToken();
        }

        EndSearch(mayReadAgain: false);
    }

    /// <summary>The session grain said that the session lives; an issued token was made with the operation.</summary>
    private void Confirm(in SessionReply reply, VerifiedToken? issued = null)
    {
        if (issued is not null)
        {
            Token = issued;
            _isIssued = true;
        }

        Status = SessionStatus.Live;
        _seenAlive = true;
        Snapshot = reply.Snapshot;
        (ExpiresAt, IsBound) = (reply.ExpiresAt, reply.IsBound);
        _createdAt = reply.Snapshot?.CreatedAt ?? _createdAt;
        _services.Endings.Observe(Token!.Id, Token.Verifier, reply.ExpiresAt);
    }

    /// <summary>
    /// The session grain said Gone or Stale. Where the request has seen the session alive, its work with it is refused. Else the token is as good as none:
    /// the next one is tried, and after the last the request has no session, unless a token was replaced so recently that a parallel request
    /// may just have handed out a better one.
    /// </summary>
    private void ClearSession(in SessionReply reply)
    {
        if (reply.Outcome == SessionOutcome.Gone)
        {
            _services.Endings.End(Token!.Id);
        }

        var seenAlive = _seenAlive;
        Forget();
        if (seenAlive)
        {
            Status = SessionStatus.Ended;
            _endedAs = reply.Outcome;
            return;
        }

        _justReplaced |= reply is { Outcome: SessionOutcome.Stale, GraceIsOver: false };
        if (!TryTakeNext())
        {
            EndSearch(mayReadAgain: Brought.MayReadAgain);
        }
    }

    private void EndSearch(bool mayReadAgain)
    {
        Status = mayReadAgain ? SessionStatus.Unknown : _justReplaced ? SessionStatus.Ended : SessionStatus.None;
        _endedAs = SessionOutcome.Stale;
    }

    private bool TryTakeNext()
    {
        var next = Brought.TakeNext();
        Token = next ?? Token;
        Status = next is null ? Status : SessionStatus.TokenVerified;
        return next is not null;
    }

    /// <summary>
    /// A token handed out before is dropped with it: it opens nothing any more, and a parallel request may have received a better one.
    /// </summary>
    private void Forget()
    {
        _isIssued = false;
        _seenAlive = false;
        Snapshot = null;
        _createdAt = default;
    }
}
