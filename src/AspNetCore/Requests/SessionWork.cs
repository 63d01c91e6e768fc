using System.Runtime.ExceptionServices;
using ServerSession.Core;

namespace ServerSession.AspNetCore;

/// <summary>
/// A request's unit of work: what it has loaded of its session and changed without committing yet, and one operation at the session grain at a
/// time, also where the request runs parallel tasks.
/// </summary>
internal sealed class SessionWork(ServerSessionFeature request, SessionConnection connection, SessionServices services)
{
    private readonly AsyncLock _lock = new();
    private PendingChanges? _pending;

    /// <summary>What is known of the session.</summary>
    public SessionConnection Connection => connection;

    /// <summary>The load that began before the endpoint; null where none did.</summary>
    public SessionPreload? Preload { get; set; }

    /// <summary>Why the response is being refused, while callbacks of the application run for the refusal: the session does nothing meanwhile.</summary>
    public Exception? Refusal { get; set; }

    /// <summary>Whether the response has to wait for a commit.</summary>
    public bool HasWork => _pending is { IsEmpty: false } or { Fault: not null };

    /// <summary>Whether reads need no waiting: loaded, or nothing in the request that could be a token.</summary>
    public bool IsLoaded => IsSettled || (connection.Status == SessionStatus.Unknown && !connection.Brought.HasCandidate);

    /// <summary>The data with this request's changes on top. Call it after a load.</summary>
    public SessionData Data
    {
        get
        {
            var data = connection.Snapshot?.Data ?? SessionData.Empty;
            return _pending is { } pending ? pending.ApplyTo(data) : data;
        }
    }

    /// <summary>Whether no load is under way, and none is needed: another thread may be in the middle of one.</summary>
    private bool IsSettled => Preload is not { IsRunning: true } && connection.IsLoaded;

    private PendingChanges Pending => _pending ?? Interlocked.CompareExchange(ref _pending, new PendingChanges(), null) ?? _pending;

    /// <summary>Whether there is a session, or will be one with the changes of this request.</summary>
    public ValueTask<bool> ExistsAsync(CancellationToken cancellationToken) =>
        _pending is { NeedsSession: true } && !connection.Degraded ? new(true) : LoadAsync(cancellationToken);

    /// <summary>The value of a key, with this request's changes on top.</summary>
    public async ValueTask<SessionValue?> FindAsync(string key, CancellationToken cancellationToken)
    {
        if (_pending is { } pending && pending.TryGetPending(key, out var decided))
        {
            return decided;
        }

        await LoadAsync(cancellationToken);
        return FindCommitted(key);
    }

    /// <summary>As <see cref="FindAsync"/>, after a load.</summary>
    public SessionValue? FindLoaded(string key) =>
        _pending is { } pending && pending.TryGetPending(key, out var decided) ? decided : FindCommitted(key);

    /// <summary>Whether there is a session; asks the session grain where that is not known.</summary>
    public async ValueTask<bool> LoadAsync(CancellationToken cancellationToken)
    {
        if (IsSettled)
        {
            return connection.Status == SessionStatus.Live;
        }

        ThrowIfRefused();
        await _lock.WaitAsync(cancellationToken);
        try
        {
            Preload?.ThrowIfFailed();
            return await connection.OpenAsync(cancellationToken);
        }
        finally
        {
            _lock.Release();
        }
    }

    /// <summary>Buffers a change.</summary>
    /// <exception cref="SessionLimitException">There are too many.</exception>
    public void Add(SessionChange change)
    {
        // Before they are sent, so that a request which makes changes without end fills neither this process nor the silo's.
        var limit = services.Options.Limits.Changes;
        if (!connection.Degraded && !Pending.TryAdd(change, limit))
        {
            throw new SessionLimitException(SessionLimit.Changes, $"The request has {limit} changes that are not committed, which is the limit Changes; it follows from Keys.");
        }
    }

    /// <summary>Buffers other terms.</summary>
    public void SetTerms(SessionTerms terms)
    {
        if (!connection.Degraded)
        {
            Pending.SetTerms(terms);
        }
    }

    /// <summary>Applies one atomic change at once, with what is buffered before it.</summary>
    /// <param name="change">The change.</param>
    /// <param name="creates">Whether it starts a session where there is none.</param>
    /// <param name="cancellationToken">Ends the waiting for other operations of the request.</param>
    /// <returns>What the change did; null where there is no session and the change creates none.</returns>
    public async ValueTask<SessionChangeResult?> ApplyAsync(SessionChange change, bool creates, CancellationToken cancellationToken)
    {
        var atomic = new AtomicChange(change, creates);
        await SendAsync(atomic, wantSnapshot: true, cancellationToken);
        return atomic.ReadResult();
    }

    /// <summary>Commits what is buffered. After a failure that left changes behind, every later commit of the request fails the same way.</summary>
    public ValueTask CommitAsync(bool wantSnapshot) => SendAsync(null, wantSnapshot, CancellationToken.None);

    /// <summary>Replaces a token that was handed out, with what is buffered, and the session's user in the same commit; what is to be bound and is not there is created.</summary>
    public async ValueTask ChangeTokenAsync(SubjectChange? subject, CancellationToken cancellationToken)
    {
        await _lock.WaitAsync(cancellationToken);
        try
        {
            ThrowIfSet(_pending?.Fault);
            Preload?.ThrowIfFailed();
            if (connection.Status != SessionStatus.Live)
            {
                await connection.OpenAsync(cancellationToken);
            }

            ThrowIfDegraded();
            connection.ThrowIfEnded();
            var isLive = connection.Status == SessionStatus.Live;
            if (isLive ? subject is null && connection.Issued is not null : subject is not { Subject.IsDefault: false })
            {
                return;
            }

            request.ThrowIfNoTokenCanBeSent();
            var copied = Pending.Copy();
            try
            {
                if (!isLive)
                {
                    await StartAsync(copied.Changes, copied, atomic: null, subject);
                    return;
                }

                await connection.CommitAsync(copied.Changes, copied.Terms, rotate: connection.Issued is null, wantSnapshot: copied.Changes.Length > 0, subject);
                Pending.Drop(in copied);
            }
            catch (Exception exception) when (LeavesDoubt(exception, in copied))
            {
                Pending.NoteFault(exception, in copied);
                throw;
            }
        }
        finally
        {
            _lock.Release();
        }
    }

    /// <summary>Ends the session. What is buffered is dropped.</summary>
    public async ValueTask DestroyAsync(CancellationToken cancellationToken)
    {
        await _lock.WaitAsync(cancellationToken);
        try
        {
            Preload?.ThrowIfFailed();
            await connection.IdentifyAsync();
            request.ThrowIfOver();
            ThrowIfDegraded();
            Discard();
            await connection.DestroyAsync();
        }
        finally
        {
            _lock.Release();
        }
    }

    /// <summary>Forgets the buffered changes, and that they failed.</summary>
    public void Discard() => _pending?.DropAll();

    /// <summary>Who rotates or destroys relies on it having happened, whatever the policy for reads and writes.</summary>
    /// <exception cref="SessionUnavailableException">The request goes on without its session.</exception>
    public void ThrowIfDegraded()
    {
        if (connection.Degraded)
        {
            throw new SessionUnavailableException();
        }
    }

    /// <summary>Throws while the response is being refused.</summary>
    public void ThrowIfRefused() => ThrowIfSet(Refusal);

    /// <summary>Sends what is buffered, and an atomic change after it.</summary>
    private async ValueTask SendAsync(AtomicChange? atomic, bool wantSnapshot, CancellationToken cancellationToken)
    {
        await _lock.WaitAsync(cancellationToken);
        var copied = Pending.Copy();
        var changes = copied.Changes;
        try
        {
            ThrowIfSet(_pending?.Fault);
            Preload?.ThrowIfFailed();
            if (atomic is not null)
            {
                changes = [.. changes, atomic.Change];
            }
            else if (copied is { Changes.Length: 0, Terms: null })
            {
                return;
            }

            await connection.IdentifyAsync();
            request.ThrowIfOver();
            connection.ThrowIfEnded();

            // Later reads of the request see the session as committed, if it was read before; the last commit needs nothing back.
            if (connection.Status != SessionStatus.None
                && await connection.CommitAsync(changes, copied.Terms, rotate: false, wantSnapshot && connection.Snapshot is not null) is { } committed)
            {
                Pending.Drop(in copied);
                atomic?.NoteReply(in committed);
                return;
            }

            await StartAsync(changes, copied, atomic);
        }
        catch (SessionUnavailableException exception) when (atomic is null && services.Options.OnUnavailable == UnavailablePolicy.Degrade)
        {
            connection.Degrade(exception);
            Discard();
        }
        catch (Exception exception) when (LeavesDoubt(exception, in copied))
        {
            Pending.NoteFault(exception, in copied);
            throw;
        }
        finally
        {
            _lock.Release();
        }
    }

    /// <summary>Sends to a session that is not there: it is created, if the changes ask for one.</summary>
    private async ValueTask StartAsync(SessionChange[] changes, PendingChanges.Copied copied, AtomicChange? atomic, SubjectChange? subject = null)
    {
        if (connection.Degraded)
        {
            Discard();
            if (atomic is not null)
            {
                throw new SessionUnavailableException();
            }
        }
        else if (atomic is not { Creates: true } && subject is null && !Pending.NeedsSession)
        {
            // To remove from nothing is nothing; the terms wait for a session that may still be created.
            Pending.Drop(in copied, keepTerms: true);
        }
        else
        {
            if (connection.Brought.IsPreload)
            {
                throw new SessionPreloadException();
            }

            request.CheckSessionStart(connection.Brought);
            await services.Keys.GetAsync();
            request.ThrowIfNoTokenCanBeSent();
            var created = await connection.CreateAsync(changes, copied.Terms, subject);
            Pending.Drop(in copied);
            atomic?.NoteReply(in created);
        }
    }

    private SessionValue? FindCommitted(string key) =>
        connection.Snapshot is { } snapshot && snapshot.Data.TryGetValue(key, out var value) ? value : null;

    /// <summary>Refused changes stay buffered and are judged again with the response. After any other failure nobody knows what became of them.</summary>
    private static bool LeavesDoubt(Exception exception, in PendingChanges.Copied copied) =>
        exception is not (SessionLimitException or SessionValueException or SessionSubjectLimitException) && copied is not { Changes.Length: 0, Terms: null };

    private static void ThrowIfSet(Exception? failure)
    {
        if (failure is not null)
        {
            ExceptionDispatchInfo.Throw(failure);
        }
    }
}
