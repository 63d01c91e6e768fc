namespace ServerSession.Grains;

/// <summary>That one frontend watches one session. Guarded by the lock of its <see cref="WatchedSession"/>.</summary>
internal sealed class Registration(FrontendLink link)
{
    public FrontendLink Link => link;

    public Registration? Next { get; set; }

    /// <summary>The order of the last registering among all of the silo.</summary>
    public long Number { get; set; }

    /// <summary>The time stamp of the monotonic clock at which it ends unless it is renewed.</summary>
    public long ExpiresAt { get; set; }

    /// <summary>Names the state that the frontend was given; zero where it was given none, or the session has changed since.</summary>
    public long Stamp { get; set; }

    public bool WantsChanges { get; set; }
}
