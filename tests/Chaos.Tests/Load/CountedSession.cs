namespace ServerSession.Tests;

/// <summary>A session whose one key is counted up by several writers, and what their answers so far allow a reader to see.</summary>
internal sealed class CountedSession(string cookie)
{
    private long _least;
    private long _sent;
    private long _acknowledged;
    private int _underWay;

    public string Cookie => cookie;

    /// <summary>The highest value that was acknowledged or read: a read that begins now may not see an older one.</summary>
    public long Least => Volatile.Read(ref _least);

    /// <summary>How many increments were sent, those in doubt included.</summary>
    public long Sent => Volatile.Read(ref _sent);

    public long Acknowledged => Volatile.Read(ref _acknowledged);

    public bool IsBeingWritten => Volatile.Read(ref _underWay) > 0;

    /// <summary>Whether a read that has ended now may have seen the value.</summary>
    /// <param name="value">What it saw.</param>
    /// <param name="leastWhenItBegan">What <see cref="Least"/> was before the read began.</param>
    public bool Allows(long value, long leastWhenItBegan) => value >= leastWhenItBegan && value <= Sent;

    public void Sends()
    {
        Interlocked.Increment(ref _underWay);
        Interlocked.Increment(ref _sent);
    }

    public void IsAnswered() => Interlocked.Decrement(ref _underWay);

    public void WasAcknowledged(long value)
    {
        Interlocked.Increment(ref _acknowledged);
        WasSeen(value);
    }

    public void WasSeen(long value)
    {
        for (long seen; value > (seen = Volatile.Read(ref _least));)
        {
            Interlocked.CompareExchange(ref _least, value, seen);
        }
    }
}
