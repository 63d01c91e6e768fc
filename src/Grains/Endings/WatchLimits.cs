namespace ServerSession.Grains;

/// <summary>The times and sizes of watching, in one place so that tests can make them small.</summary>
internal sealed record WatchLimits
{
    /// <summary>How many registrations a silo keeps, some 200 bytes each; beyond it frontends ask every <see cref="AskAfterWhenFull"/>.</summary>
    public int Registrations { get; init; } = 200_000;

    /// <summary>How many notices one message carries.</summary>
    public int NoticesInMessage { get; init; } = 500;

    /// <summary>How many notices wait for one frontend; beyond it the frontend is dropped, hears nothing more, and asks for all of its sessions.</summary>
    public int NoticesWaiting { get; init; } = 100_000;

    /// <summary>How often a frontend hears of the silo at the least.</summary>
    public TimeSpan SignOfLife { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>After which time without an answer a frontend is dropped with its registrations.</summary>
    public TimeSpan GiveUpAfter { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>After which time a frontend renews a registration, unless the silo collects idle sessions earlier.</summary>
    public TimeSpan RenewAfter { get; init; } = TimeSpan.FromSeconds(60);

    public TimeSpan AskAfterWhenFull { get; init; } = TimeSpan.FromSeconds(5);
}
