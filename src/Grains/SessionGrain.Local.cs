using ServerSession.Core;
using ServerSession.Local;

namespace ServerSession;

/// <summary>
/// What frontends in the silo's process do without a call. They read only acknowledged state, published before the reply, and never while
/// somebody works on the session. They commit as the grain does, under its lock.
/// </summary>
/// <remarks>
/// Orleans runs one call of an activation at a time, but knows nothing of what is done locally. So every operation, timers and deactivation
/// included, also takes the session's lock; a frontend takes it only where it is free, and asks the grain where it is not.
/// </remarks>
internal sealed partial class SessionGrain
{
    private readonly AsyncLock _lock = new();
    private LocalSession? _published;

    /// <summary>Commits data on the caller's thread, as the grain would; false where it has to be asked.</summary>
    public bool TryCommitLocally(CommitSession request, out ValueTask<SessionReply> reply)
    {
        reply = default;
        if (request.NewTerms is not null || request.NewVerifier is not null || !_lock.TryEnter())
        {
            return false;
        }

        if (_leaving || _phase != Phase.Live || _published is not { } published)
        {
            _lock.Release();
            return false;
        }

        reply = CommitLockedAsync(request, published.ValidUntil);
        return true;
    }

    /// <summary>Lets frontends of this process read the session until its next operation.</summary>
    /// <param name="localValidUntil">Where a local frontend has committed: when the grain wants to be asked again. By default that starts again.</param>
    private void Publish(long? localValidUntil = null)
    {
        if (_leaving || _phase != Phase.Live || !services.Local.HasReaders)
        {
            return;
        }

        // Half of what either bears: the grain hears of the accesses in time to stay in memory and to store them.
        var activeFor = services.Options.CollectionAge;
        var touchBefore = DateTimeOffset.MaxValue;
        var storedAfter = _state!.Snapshot.Terms.IdleTimeout * services.Options.TouchFraction;
        if (!IsVolatile)
        {
            touchBefore = Times.After(_storedAccess, storedAfter);
        }

        var validFor = (activeFor < storedAfter ? activeFor : storedAfter) / 2;
        _published = new LocalSession(this, _state, _lastAccess, touchBefore, localValidUntil ?? services.Local.TimestampAfter(validFor));
        services.Local.Publish(Id, _published);
    }

    /// <summary>Stops the local reads and takes over their accesses: the first thing that every operation does.</summary>
    private void RevokeLocalEntry()
    {
        if (_published?.Invalidate() is { } access)
        {
            _lastAccess = Max(_lastAccess, access);
        }
    }

    private void Unpublish()
    {
        RevokeLocalEntry();
        if (_published is { } published)
        {
            services.Local.Remove(Id, published);
            _published = null;
        }
    }
}
