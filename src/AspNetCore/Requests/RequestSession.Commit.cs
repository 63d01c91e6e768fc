namespace ServerSession;

internal sealed partial class RequestSession
{
    /// <summary>Whether there is a session; asks its owner where that is not known.</summary>
    public ValueTask<bool> LoadAsync(CancellationToken cancellationToken)
    {
        if (IsSettled)
        {
            return new(_connection.Standing == SessionStanding.Live);
        }

        ThrowIfRefused();
        var turn = _turn.WaitAsync(cancellationToken);
        return turn.IsCompletedSuccessfully ? OpenInTurnAsync(cancellationToken) : LoadSlowlyAsync(turn, cancellationToken);
    }

    private async ValueTask<bool> LoadSlowlyAsync(ValueTask turn, CancellationToken cancellationToken)
    {
        await turn;
        return await OpenInTurnAsync(cancellationToken);
    }

    /// <summary>Opens the session and releases the turn.</summary>
    private ValueTask<bool> OpenInTurnAsync(CancellationToken cancellationToken)
    {
        ValueTask<bool> open;
        try
        {
            ThrowIfPreloadFailed();
            open = _connection.OpenAsync(cancellationToken);
        }
        catch
        {
            _turn.Release();
            throw;
        }

        if (!open.IsCompletedSuccessfully)
        {
            return ReleaseAfterAsync(open);
        }

        _turn.Release();
        return open;
    }

    private async ValueTask<bool> ReleaseAfterAsync(ValueTask<bool> open)
    {
        try
        {
            return await open;
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Applies one atomic change at once, with what is buffered before it. Null where there is no session and the change creates none.</summary>
    private async ValueTask<SessionChangeResult?> ApplyAsync(SessionChange change, bool creates, CancellationToken cancellationToken)
    {
        UseForWriting();
        return await SendAsync(change, creates, wantSnapshot: true, cancellationToken) is not { } sent
            ? null
            : sent.Results is { Count: > 0 } results
                ? results[^1]
                : throw new SessionUnavailableException("The session store did not tell the result of an atomic operation.");
    }

    /// <summary>Commits what is buffered. After a failure that left changes behind, every later commit of the request fails the same way.</summary>
    private ValueTask<SessionReply?> CommitPendingAsync(bool wantSnapshot) => SendAsync(null, creates: false, wantSnapshot, CancellationToken.None);

    /// <summary>Sends what is buffered, and an atomic change after it. Null where nothing was to be sent, or the request goes on without its session.</summary>
    private async ValueTask<SessionReply?> SendAsync(SessionChange? atomic, bool creates, bool wantSnapshot, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        var (changes, terms) = _pending.Copy();
        var buffered = changes.Length;
        try
        {
            ThrowIfFaulted();
            ThrowIfPreloadFailed();
            if (atomic is { } change)
            {
                changes = [.. changes, change];
            }
            else if (buffered == 0 && terms is null)
            {
                return null;
            }

            await _connection.IdentifyAsync();
            _feature.ThrowIfOver();
            _connection.ThrowIfEnded();

            // Later reads of the request see the session as committed, if it was read before; the last commit needs nothing back.
            if (_connection.Standing != SessionStanding.None
                && await _connection.CommitAsync(changes, terms, rotate: false, wantSnapshot && _connection.Snapshot is not null) is { } committed)
            {
                _pending.Drop(buffered, terms);
                return committed;
            }

            return await StartAsync(changes, buffered, terms, creates);
        }
        catch (SessionUnavailableException exception) when (atomic is null && _services.Options.OnUnavailable == UnavailablePolicy.Degrade)
        {
            _connection.Degrade(exception);
            Discard();
            return null;
        }
        catch (Exception exception) when (exception is not (SessionLimitException or SessionValueException))
        {
            // Refused changes stay buffered and are judged again with the response. These cannot be: nobody knows what became of them.
            if (buffered > 0 || terms is not null)
            {
                _fault = exception;
            }

            throw;
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Sends to a session that is not there: it is created, if the changes ask for one.</summary>
    private async ValueTask<SessionReply?> StartAsync(SessionChange[] changes, int buffered, SessionTerms? terms, bool creates)
    {
        if (_connection.Degraded)
        {
            Discard();
            return changes.Length > buffered ? throw new SessionUnavailableException() : null;
        }

        if (!creates && !_pending.NeedsSession)
        {
            // To remove from nothing is nothing; the terms wait for a session that may still be created.
            _pending.Drop(buffered, null);
            return null;
        }

        if (!_connection.IsPreload)
        {
            CheckCrossSiteStart();
            await _services.Keys.GetAsync();
            ThrowIfNoTokenCanBeSent();
        }

        var created = await _connection.CreateAsync(changes, terms);
        _pending.Drop(buffered, terms);
        return created;
    }

    /// <summary>The request is looked at under the lock under which its end closes it.</summary>
    private void CheckCrossSiteStart()
    {
        if (_connection.BroughtToken || _connection.Transport == TokenTransport.Header)
        {
            return;
        }

        lock (_feature)
        {
            _feature.ThrowIfOver();
            CrossSiteRequest.CheckStart(_context.Request, _services);
        }
    }

    private void ThrowIfFaulted()
    {
        if (_fault is { } fault)
        {
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(fault);
        }
    }
}
