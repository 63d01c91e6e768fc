namespace ServerSession.AspNetCore;

/// <summary>A request's session as code sees it that cannot await: on bytes, after a load. It waits for a load that is under way.</summary>
internal sealed class LoadedSession(RequestSession session)
{
    private readonly SessionWork _work = session.Work;
    private SessionId? _idGiven;

    /// <summary>Whether the session is loaded, and can be reached.</summary>
    public bool IsAvailable
    {
        get
        {
            session.ThrowIfOver();
            try
            {
                return IsLoadedAfterWait() && !_work.Connection.Degraded;
            }
            catch (SessionUnavailableException)
            {
                return false;
            }
        }
    }

    /// <summary>
    /// The session's id where there is one, and where it is not opened yet or cannot be reached; else the one that a session of this request would
    /// get. It stays the same all through the request, unless the request starts a session under another one.
    /// </summary>
    public string Id
    {
        get
        {
            session.Response.BeginRead();
            var connection = _work.Connection;
            if (connection.Id is { } live)
            {
                _idGiven = live;
            }
            else if (_idGiven is null)
            {
                // Without the keys of the cluster nobody can tell what the request's token is worth.
                connection.TryIdentify();
                var presented = connection.Status == SessionStatus.TokenVerified || connection.Degraded ? connection.Token : null;
                _idGiven = presented?.Id ?? connection.Creation.ReservedId;
            }

            return _idGiven.Value.ToString();
        }
    }

    public IEnumerable<string> Keys
    {
        get
        {
            RequireLoaded();
            return _work.Data.Keys;
        }
    }

    public bool TryGetBytes(string key, out ReadOnlyMemory<byte> bytes)
    {
        RequireLoaded();
        var value = _work.FindLoaded(key);
        bytes = value is { Kind: SessionValueKind.Bytes } found ? found.Bytes : default;
        return value is { Kind: SessionValueKind.Bytes };
    }

    private void RequireLoaded()
    {
        session.Response.BeginRead();
        if (!IsLoadedAfterWait())
        {
            _work.Preload?.ThrowIfFailed();
            throw new InvalidOperationException(
                "The session is not loaded. Its endpoint opted out of loading it beforehand: await HttpContext.Session.LoadAsync() first, or use IServerSession.");
        }
    }

    private bool IsLoadedAfterWait() => _work.IsLoaded || (_work.Preload is { } preload && preload.Wait() && _work.IsLoaded);
}
