using System.Diagnostics.CodeAnalysis;

namespace ServerSession;

/// <summary>What the ISession adapter needs: synchronous, on bytes, after a load.</summary>
internal sealed partial class RequestSession
{
    private Exception? _preloadFailure;
    private SessionId? _idGiven;

    /// <summary>Whether reads need no waiting: loaded, or nothing in the request that could be a token.</summary>
    public bool IsLoaded
    {
        get
        {
            _feature.ThrowIfOver();
            if (_connection.Standing == SessionStanding.Unknown)
            {
                // Completes at once where there is nothing to read, which is all that is asked here.
                _connection.IdentifyAbsent();
            }

            return _connection.IsLoaded;
        }
    }

    /// <inheritdoc cref="ServerSessionFeature.ThrowIfOver"/>
    public void ThrowIfOver() => _feature.ThrowIfOver();

    /// <summary>
    /// The session's id where there is one, and where it is not opened yet or cannot be reached; else the one that a session of this request would
    /// get. It stays the same all through the request, unless the request starts a session under another one.
    /// </summary>
    public string IdText
    {
        get
        {
            if (Id is { } live)
            {
                _idGiven = live;
            }
            else if (_idGiven is null)
            {
                // Without the keys of the cluster nobody can tell what the request's token is worth.
                _connection.TryIdentify();
                _idGiven = _connection.PresentedId ?? _connection.ReservedId;
            }

            return _idGiven.Value.ToString();
        }
    }

    /// <summary>Loads before the endpoint runs. A failure waits for the first use: an endpoint that does not use its session is not harmed.</summary>
    public async ValueTask PreloadAsync(CancellationToken cancellationToken)
    {
        try
        {
            await LoadAsync(cancellationToken);
        }
        catch (SessionUnavailableException exception)
        {
            _preloadFailure = exception;
        }
    }

    public IEnumerable<string> LoadedKeys()
    {
        RequireLoaded();
        return Data.Keys;
    }

    public bool TryGetBytes(string key, out ReadOnlyMemory<byte> bytes)
    {
        RequireLoaded();
        var value = _pending.TryDecide(key, out var decided) ? decided : Find(key);
        bytes = value is { Kind: SessionValueKind.Bytes } found ? found.Bytes : default;
        return value is { Kind: SessionValueKind.Bytes };
    }

    public void MarkUsed() => Use();

    private void RequireLoaded()
    {
        Use();
        if (IsLoaded)
        {
            return;
        }

        if (_preloadFailure is { } failure)
        {
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(failure);
        }

        throw new InvalidOperationException(
            "The session is not loaded. Its endpoint opted out of loading it beforehand: await HttpContext.Session.LoadAsync() first, or use IServerSession.");
    }
}
