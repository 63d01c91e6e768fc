namespace ServerSession.Grains;

/// <summary>The frontends that watch one session: seldom more than a few, so a list in a chain. Guarded by its own lock.</summary>
internal sealed class WatchedSession
{
    private Registration? _first;

    /// <summary>Whether it was taken out of the table; whoever finds it so looks there again.</summary>
    public bool IsRemoved { get; set; }

    public bool IsEmpty => _first is null;

    public Registration? Find(FrontendLink link)
    {
        var registration = _first;
        while (registration is not null && !ReferenceEquals(registration.Link, link))
        {
            registration = registration.Next;
        }

        return registration;
    }

    public Registration Add(FrontendLink link) => _first = new Registration(link) { Next = _first };

    /// <summary>Notes that the session has changed, and tells those who want to hear of it.</summary>
    public void Change(SessionId id)
    {
        for (var registration = _first; registration is not null; registration = registration.Next)
        {
            registration.Stamp = 0;
            if (registration.WantsChanges)
            {
                registration.Link.Post(id, SessionNoticeKind.Changed);
            }
        }
    }

    /// <summary>Tells everybody and forgets them; returns how many they were.</summary>
    public int End(SessionId id, SessionNoticeKind kind)
    {
        var count = 0;
        for (var registration = _first; registration is not null; registration = registration.Next)
        {
            registration.Link.Post(id, kind);
            registration.Link.Detach();
            count++;
        }

        _first = null;
        return count;
    }

    /// <summary>Removes the registrations of which a condition holds; returns how many they were.</summary>
    public int RemoveWhere<TArgument>(TArgument argument, Func<Registration, TArgument, bool> condition)
    {
        var count = 0;
        Registration? before = null;
        for (var registration = _first; registration is not null; registration = registration.Next)
        {
            if (!condition(registration, argument))
            {
                before = registration;
                continue;
            }

            registration.Link.Detach();
            count++;
            if (before is null)
            {
                _first = registration.Next;
            }
            else
            {
                before.Next = registration.Next;
            }
        }

        return count;
    }
}
