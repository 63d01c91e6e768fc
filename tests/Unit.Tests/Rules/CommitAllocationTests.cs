using ServerSession.Tests.Support;

namespace ServerSession.Tests.Rules;

public sealed class CommitAllocationTests
{
    /// <summary>A commit pays for its own session, not for the operations of the last window.</summary>
    [Theory]
    [InlineData(0, 640)]
    [InlineData(100, 640)]
    public void Commit_of_one_key_allocates_little_however_hot_the_session_is(int recordsInWindow, int most)
    {
        var perCommit = Measure(recordsInWindow);

        TestContext.Current.SendDiagnosticMessage($"{perCommit} bytes per commit with {recordsInWindow} operations in the window");
        Assert.True(perCommit <= most, $"{perCommit} bytes per commit with {recordsInWindow} operations in the window");
    }

    private static long Measure(int recordsInWindow)
    {
        const int Rounds = 2000;
        var session = new Session(Sample.Set("a", "1"), Sample.Set("b", "2"), Sample.Set("c", "3"), Sample.Set("d", "4"), Sample.Set("e", "5")) { IsNumbered = true };
        var step = recordsInWindow == 0 ? Sample.Window * 2 : Sample.Window / recordsInWindow;
        var change = new[] { Sample.Set("c", "another value") };
        long allocated = 0;
        for (var round = 0; round < Rounds * 2; round++)
        {
            session.Now += step;
            var request = session.Request(change);
            var before = GC.GetAllocatedBytesForCurrentThread();
            var decision = session.Decide(request);
            allocated += round < Rounds ? 0 : GC.GetAllocatedBytesForCurrentThread() - before;
            session.State = decision.Next!;
        }

        return allocated / Rounds;
    }
}
