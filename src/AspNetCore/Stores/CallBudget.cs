namespace ServerSession.AspNetCore;

/// <summary>What waiting for the cluster is bounded by, and the pauses between repeats: one policy for every operation.</summary>
internal static class CallBudget
{
    /// <summary>The response time-out of the session grain's operations.</summary>
    public static readonly TimeSpan CallTimeout = TimeSpan.FromSeconds(2);

    /// <summary>What is left to every call of a request, however long the calls before it took.</summary>
    public static readonly TimeSpan Least = TimeSpan.FromMilliseconds(500);

    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(40);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMilliseconds(800);

    /// <summary>How long an operation is waited for: one call where none is repeated.</summary>
    public static TimeSpan Of(ServerSessionOptions options) => options.RetryBudget > TimeSpan.Zero ? options.RetryBudget : CallTimeout;

    /// <summary>
    /// The pause after an attempt, counted from one, but no more than is left: doubling, with half of it random, so that frontends that failed
    /// together do not come back together.
    /// </summary>
    public static TimeSpan PauseAfter(int attempt, TimeSpan left)
    {
        var full = Math.Min(FirstPause.TotalMilliseconds * Math.Pow(2, attempt - 1), LongestPause.TotalMilliseconds);
        var pause = TimeSpan.FromMilliseconds(full * (0.5 + (Random.Shared.NextDouble() / 2)));
        return WholeMilliseconds(pause < left ? pause : left);
    }

    /// <summary>Waits are cut to whole milliseconds: rounded up they do not end too early.</summary>
    public static TimeSpan WholeMilliseconds(TimeSpan time) => TimeSpan.FromMilliseconds(Math.Ceiling(time.TotalMilliseconds));
}
