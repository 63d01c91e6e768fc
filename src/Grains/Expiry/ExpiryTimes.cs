namespace ServerSession.Grains;

/// <summary>The times that the clean-up rests on.</summary>
internal static class ExpiryTimes
{
    /// <summary>The longest time between two looks at a page that is due, and before the first one.</summary>
    public static readonly TimeSpan LongestInterval = TimeSpan.FromDays(1);

    /// <summary>
    /// For how long after the last moment at which its id may be used a create can still bring a row: it is accepted within one operation window,
    /// by clocks that differ by another, and looked for by a clock that differs by a third; one more, and two storage calls, are for a row that is
    /// written late.
    /// </summary>
    public static TimeSpan CreateTail(SessionGrainOptions options) => (options.OperationWindow * 4) + (options.StorageTimeout * 2);
}
