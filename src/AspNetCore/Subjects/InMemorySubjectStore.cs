namespace ServerSession.AspNetCore;

/// <summary>The lists of the sessions in this process; they are kept with the store.</summary>
internal sealed class InMemorySubjectStore(InMemorySessionStore store) : ISubjectStore
{
    public ValueTask<SubjectSecret> GetSecretAsync(CancellationToken cancellationToken) => new(store.Subjects.Secret);

    public ValueTask<SubjectSessionPage> ListAsync(SubjectKey subject, long? before, int count, CancellationToken cancellationToken)
    {
        var entries = store.Subjects.Of(subject).Reverse().ToArray();
        var sessions = new List<SubjectSession>();
        var live = 0;
        long? next = null;
        foreach (var (number, session, label) in entries)
        {
            if (store.Look(session) is not { } found)
            {
                continue;
            }

            live++;
            if (number >= (before ?? long.MaxValue))
            {
                continue;
            }

            if (sessions.Count == count)
            {
                next ??= sessions[^1].BoundAt.UtcTicks;
                continue;
            }

            sessions.Add(new SubjectSession
            {
                Id = session,
                CreatedAt = found.State.Snapshot.CreatedAt,
                BoundAt = new DateTimeOffset(number, TimeSpan.Zero),
                LastSeenAt = found.LastAccess,
                ExpiresAt = found.Deadline,
                Label = label,
            });
        }

        return new(new SubjectSessionPage { Sessions = sessions, Next = next, Count = live });
    }

    public ValueTask<bool> EndOneAsync(SubjectKey subject, SessionId session, CancellationToken cancellationToken) => new(store.EndBound(subject, session));

    public ValueTask<int> EndAsync(SubjectKey subject, SessionId? keep, CancellationToken cancellationToken)
    {
        lock (store.Subjects.BindLock)
        {
            return new(store.Subjects.Of(subject).Count(entry => entry.Session != keep && store.EndBound(subject, entry.Session)));
        }
    }

    public ValueTask EndAllAsync(CancellationToken cancellationToken)
    {
        store.EndAll();
        return default;
    }

    /// <summary>Whether the subject may have another session; ends its oldest ones where that is the policy. Under the bind lock.</summary>
    public bool MakeRoom(SubjectChange change, SessionId id)
    {
        if (change.MaximumSessions == 0)
        {
            return true;
        }

        var others = store.Subjects.Of(change.Subject).Where(entry => entry.Session != id && store.Look(entry.Session) is not null).ToArray();
        var tooMany = others.Length - change.MaximumSessions + 1;
        if (tooMany > 0 && change.WhenFull == SubjectLimitPolicy.RejectNewest)
        {
            return false;
        }

        foreach (var (_, session, _) in others.Take(Math.Max(0, tooMany)))
        {
            store.EndBound(change.Subject, session);
        }

        return true;
    }
}
