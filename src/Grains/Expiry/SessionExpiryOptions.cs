namespace ServerSession;

/// <summary>How the rows of sessions that nobody asks for again leave the storage. Bound from the section <c>ServerSession:Expiry</c>.</summary>
public sealed class SessionExpiryOptions
{
    /// <summary>
    /// Whether this silo sweeps by itself. Sessions are registered for it whether it does or not, so it may be turned off for a time; rows then
    /// stay until it is turned on, or until <c>ISessionAdministration.SweepAsync</c> is called.
    /// </summary>
    /// <value>True by default.</value>
    public bool Enabled { get; set; } = true;

    /// <summary>How often this silo asks what is due, and the least time between two looks at the same page of the index.</summary>
    /// <value>From one second to one day; one minute by default.</value>
    public TimeSpan Interval { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>
    /// How many rows a second this silo looks up at most. It rests for as long as a look takes, so it is slower where the storage is busy. It has to
    /// be more than twice the sessions that the silo creates in a second, or the backlog grows.
    /// </summary>
    /// <value>From 50 to 1,000,000; 2,000 by default.</value>
    public int RowsPerSecond { get; set; } = 2000;

    /// <summary>
    /// For how long a frontend may use the ids that it reserves. The rows of a session are first looked at after that time, four operation
    /// windows and two storage timeouts. A frontend that creates sessions less often than that reserves ids for each.
    /// </summary>
    /// <value>From one second to one hour; one minute by default.</value>
    public TimeSpan ReservationTime { get; set; } = TimeSpan.FromMinutes(1);
}
