namespace ServerSession.Tests;

/// <summary>The judge of broken connections: which of them the test has caused itself.</summary>
public sealed class FrontendEndsTests
{
    private static readonly Uri One = new("http://127.0.0.1:1");
    private static readonly Uri Other = new("http://127.0.0.1:2");

    private readonly FrontendEnds _ends = new();

    [Fact]
    public void Connection_to_a_frontend_that_nobody_ended_may_not_break()
    {
        var sent = _ends.Now;
        using var end = _ends.Begin(Other);

        Assert.False(_ends.IsEndedSince(One, sent));
    }

    [Fact]
    public void Connection_in_flight_when_the_end_began_may_break_also_after_it_is_over()
    {
        var sent = _ends.Now;
        var end = _ends.Begin(One);
        Assert.True(_ends.IsEndedSince(One, sent));
        end.Dispose();

        Assert.True(_ends.IsEndedSince(One, sent));
    }

    [Fact]
    public void Connection_of_a_request_during_the_end_may_break()
    {
        var end = _ends.Begin(One);
        var sent = _ends.Now;
        end.Dispose();

        Assert.True(_ends.IsEndedSince(One, sent));
    }

    [Fact]
    public void Connection_of_a_request_after_the_end_may_not_break()
    {
        var end = _ends.Begin(One);
        end.Dispose();
        end.Dispose();

        Assert.False(_ends.IsEndedSince(One, _ends.Now));
    }
}
