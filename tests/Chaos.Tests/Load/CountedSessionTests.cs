namespace ServerSession.Tests;

/// <summary>The judge of exact reads: what a read beside several writers may see.</summary>
public sealed class CountedSessionTests
{
    private readonly CountedSession _session = new("session=token");

    [Fact]
    public void Value_older_than_the_last_acknowledged_before_the_read_is_refused()
    {
        Send(3);
        _session.WasAcknowledged(2);
        _session.WasAcknowledged(1);
        var least = _session.Least;

        Assert.False(_session.Allows(1, least));
        Assert.True(_session.Allows(2, least));
        Assert.True(_session.Allows(3, least));
    }

    [Fact]
    public void Value_that_was_acknowledged_while_the_read_was_on_its_way_may_be_missed()
    {
        Send(2);
        _session.WasAcknowledged(1);
        var least = _session.Least;
        _session.WasAcknowledged(2);

        Assert.True(_session.Allows(1, least));
    }

    [Fact]
    public void Value_that_was_never_sent_is_refused()
    {
        Send(2);

        Assert.False(_session.Allows(3, _session.Least));
    }

    /// <summary>An increment that nobody knows the fate of was seen, so it stays.</summary>
    [Fact]
    public void Value_older_than_one_that_was_read_before_is_refused()
    {
        Send(2);
        _session.WasAcknowledged(1);
        _session.WasSeen(2);

        Assert.False(_session.Allows(1, _session.Least));
    }

    private void Send(int increments)
    {
        for (var number = 0; number < increments; number++)
        {
            _session.Sends();
        }
    }
}
