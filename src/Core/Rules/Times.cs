namespace ServerSession.Core;

/// <summary>Arithmetic on times that ends at the end of time instead of failing there.</summary>
public static class Times
{
    public static DateTimeOffset After(DateTimeOffset time, TimeSpan span) =>
        span > DateTimeOffset.MaxValue - time ? DateTimeOffset.MaxValue : time + span;
}
