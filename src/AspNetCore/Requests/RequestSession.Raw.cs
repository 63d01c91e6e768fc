using System.Diagnostics.CodeAnalysis;

namespace ServerSession;

/// <summary>What the ISession adapter needs: synchronous, on bytes, after a load.</summary>
internal sealed partial class RequestSession
{
    /// <summary>For how long a request waits for its session before its endpoint runs, where the endpoint is not known to use it.</summary>
    internal static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(100);

    private Task? _preload;
    private EndpointUse? _endpoint;
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

            return IsSettled;
        }
    }

    /// <summary>Whether the session is loaded and there is one; waits for a load that is under way.</summary>
    public bool IsAvailable
    {
        get
        {
            try
            {
                return (IsLoaded || (WaitForPreload() && IsLoaded)) && !_connection.Degraded;
            }
            catch (SessionUnavailableException)
            {
                return false;
            }
        }
    }

    /// <summary>Whether no load is under way, and none is needed: another thread may be in the middle of one.</summary>
    private bool IsSettled => _preload is not { IsCompleted: false } && _connection.IsLoaded;

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

    /// <summary>
    /// Starts to load before the endpoint runs, and waits for it as long as the endpoint is known to need it. A failure waits for the first use,
    /// and is every later one's: a request spends one budget on a session that cannot be reached.
    /// </summary>
    /// <param name="waits">Whether the endpoint asked to wait for its session however long it takes.</param>
    /// <param name="endpoint">What is known of the endpoint; null where there is none.</param>
    /// <param name="cancellationToken">Ends the load.</param>
    public Task PreloadAsync(bool waits, EndpointUse? endpoint, CancellationToken cancellationToken)
    {
        _endpoint = endpoint;
        var preload = PreloadAsync(cancellationToken);
        if (preload.IsCompletedSuccessfully)
        {
            return Task.CompletedTask;
        }

        _preload = preload;
        return waits || endpoint is { IsCertain: true } ? preload : WaitBrieflyAsync(preload);
    }

    private async Task PreloadAsync(CancellationToken cancellationToken)
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

    private async Task WaitBrieflyAsync(Task preload)
    {
        await preload.WaitAsync(Patience, _services.Time).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (preload.IsCompleted)
        {
            await preload;
            return;
        }

        // The endpoint may block its thread, which must not be the timer's.
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
    }

    /// <summary>Remembers whether the request used its session, where it was preloaded for that.</summary>
    public void NoteUse() => _endpoint?.Note(IsUsed);

    private bool WaitForPreload()
    {
        if (_preload is not { IsCompleted: false } preload)
        {
            return false;
        }

        // Known at once, so that the next requests to the endpoint wait without a thread.
        _endpoint?.Note(used: true);
        _services.BlockingLoads.Wait(preload);
        return true;
    }

    private void ThrowIfPreloadFailed()
    {
        if (_preloadFailure is { } failure)
        {
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(failure);
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
        if (IsLoaded || (WaitForPreload() && IsLoaded))
        {
            return;
        }

        ThrowIfPreloadFailed();
        throw new InvalidOperationException(
            "The session is not loaded. Its endpoint opted out of loading it beforehand: await HttpContext.Session.LoadAsync() first, or use IServerSession.");
    }
}
