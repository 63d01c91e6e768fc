namespace ServerSession;

internal sealed partial class RequestSession : IServerSession
{
    private SessionWatch? _watch;

    public SessionId? Id => Open.Id;

    public DateTimeOffset? CreatedAt => Open.Standing == SessionStanding.Live ? _connection.CreatedAt : null;

    public DateTimeOffset? ExpiresAt => Open.Standing == SessionStanding.Live ? _connection.ExpiresAt : null;

    public TimeSpan? Remaining
    {
        get
        {
            if (ExpiresAt is not { } expiresAt)
            {
                return null;
            }

            var remaining = expiresAt - _services.Time.GetUtcNow();
            return remaining > TimeSpan.Zero ? remaining : TimeSpan.Zero;
        }
    }

    public bool IsDegraded => Open.Degraded;

    public CancellationToken Ended
    {
        get
        {
            if (Open.Id is not { } id || _watch?.Id == id)
            {
                return _watch?.Ended ?? CancellationToken.None;
            }

            var watch = _services.Endings.Acquire(id, _connection.Verifier, _connection.ExpiresAt);
            try
            {
                lock (_feature)
                {
                    _feature.ThrowIfOver();
                    _context.Response.OnCompleted(() =>
                    {
                        _services.Endings.Release(watch);
                        return Task.CompletedTask;
                    });
                    _watch = watch;
                }
            }
            catch
            {
                _services.Endings.Release(watch);
                throw;
            }

            return watch.Ended;
        }
    }

    /// <summary>The connection, for members that use nothing of the HttpContext.</summary>
    /// <exception cref="ObjectDisposedException">The request is over.</exception>
    private SessionConnection Open
    {
        get
        {
            _feature.ThrowIfOver();
            return _connection;
        }
    }

    public async ValueTask RotateAsync(CancellationToken cancellationToken)
    {
        UseForWriting();
        await _turn.WaitAsync(cancellationToken);
        try
        {
            ThrowIfFaulted();
            ThrowIfPreloadFailed();
            if (_connection.Standing != SessionStanding.Live)
            {
                await _connection.OpenAsync(cancellationToken);
            }

            ThrowIfDegraded();
            _connection.ThrowIfEnded();
            if (_connection.Standing != SessionStanding.Live || _connection.Issued is not null)
            {
                return;
            }

            ThrowIfNoTokenCanBeSent();
            await RotateLiveAsync();
        }
        finally
        {
            _turn.Release();
        }
    }

    public void SetTerms(SessionTerms terms)
    {
        ArgumentNullException.ThrowIfNull(terms);
        if (terms.Validate() is { } fault)
        {
            throw new ArgumentException($"The session terms cannot be used. {fault}", nameof(terms));
        }

        UseForWriting();
        if (!_connection.Degraded)
        {
            _pending.SetTerms(terms);
        }
    }

    public async ValueTask DestroyAsync(CancellationToken cancellationToken)
    {
        UseForWriting();
        await _turn.WaitAsync(cancellationToken);
        try
        {
            ThrowIfPreloadFailed();
            await _connection.IdentifyAsync();
            _feature.ThrowIfOver();
            ThrowIfDegraded();
            Discard();
            await _connection.DestroyAsync();
        }
        finally
        {
            _turn.Release();
        }
    }

    public async ValueTask FlushAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        UseForWriting();
        if (HasWork)
        {
            await CommitPendingAsync(wantSnapshot: true);
        }
    }

    public async ValueTask<IBackgroundSession?> CreateBackgroundSessionAsync(CancellationToken cancellationToken)
    {
        Use();
        if (HasWork)
        {
            await FlushAsync(cancellationToken);
        }

        await LoadAsync(cancellationToken);
        ThrowIfDegraded();
        return _connection.Id is { } id ? new BackgroundSession(id, _connection.Verifier, _services) : null;
    }

    private async ValueTask RotateLiveAsync()
    {
        var (changes, terms) = _pending.Copy();
        try
        {
            await _connection.CommitAsync(changes, terms, rotate: true, wantSnapshot: changes.Length > 0);
            _pending.Drop(changes.Length, terms);
        }
        catch (Exception exception) when (exception is not (SessionLimitException or SessionValueException))
        {
            if (changes.Length > 0 || terms is not null)
            {
                _fault = exception;
            }

            throw;
        }
    }

    /// <summary>Who rotates or destroys relies on it having happened, whatever the policy for reads and writes.</summary>
    private void ThrowIfDegraded()
    {
        if (_connection.Degraded)
        {
            throw new SessionUnavailableException();
        }
    }
}
