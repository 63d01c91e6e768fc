using CsCheck;
using ServerSession.Tests.Support;

namespace ServerSession.Tests.Operations;

/// <summary>A source knows the lowest of its numbers that somebody still waits for.</summary>
public sealed class OperationNumberingTests
{
    [Fact]
    public void Begin_names_the_lowest_that_is_waited_for() =>
        Gen.Int[-1, 40].Array[1, 300].Play(
            count: 1000,
            static steps =>
            {
                var numbering = new OperationNumbering();
                var waitedFor = new SortedSet<ulong>();
                ulong last = 0;
                foreach (var step in steps)
                {
                    if (step < 0 || waitedFor.Count == 0)
                    {
                        var operation = numbering.Begin();
                        Assert.Equal(last + 1, operation.Id.Sequence);
                        last = operation.Id.Sequence;
                        waitedFor.Add(last);
                        Assert.Equal(waitedFor.Min, operation.FirstUnanswered);
                    }
                    else
                    {
                        var ended = waitedFor.ElementAt(step % waitedFor.Count);
                        waitedFor.Remove(ended);
                        numbering.End(ended);
                        numbering.End(ended);
                    }
                }
            });

    [Fact]
    public void Operation_that_is_left_far_behind_counts_as_given_up()
    {
        var numbering = new OperationNumbering();
        var stuck = numbering.Begin().Id.Sequence;
        for (var number = 1; number < OperationNumbering.Span; number++)
        {
            numbering.End(numbering.Begin().Id.Sequence);
        }

        var next = numbering.Begin();
        Assert.Equal(next.Id.Sequence, next.FirstUnanswered);
        Assert.Equal(stuck + OperationNumbering.Span, next.Id.Sequence);

        numbering.End(stuck);
        numbering.End(next.Id.Sequence + 1);
        Assert.Equal(next.Id.Sequence, numbering.Begin().FirstUnanswered);
    }

    [Fact]
    public async Task Begin_on_many_threads_gives_each_number_once_and_ends_with_none_waited_for()
    {
        var numbering = new OperationNumbering();
        var numbers = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(
            () =>
            {
                var mine = new List<ulong>();
                for (var round = 0; round < 20_000; round++)
                {
                    var operation = numbering.Begin();
                    Assert.InRange(operation.FirstUnanswered, 1UL, operation.Id.Sequence);
                    mine.Add(operation.Id.Sequence);
                    numbering.End(operation.Id.Sequence);
                }

                return mine;
            },
            TestContext.Current.CancellationToken)));

        Assert.Equal(80_000, numbers.SelectMany(static mine => mine).Distinct().Count());
        var last = numbering.Begin();
        Assert.Equal(last.Id.Sequence, last.FirstUnanswered);
    }

    [Fact]
    public void Source_is_one_of_its_own()
    {
        Assert.NotEqual(new OperationNumbering().Begin().Id.Source, new OperationNumbering().Begin().Id.Source);
        Assert.NotEqual(OperationId.New().Source, new OperationNumbering().Begin().Id.Source);
    }
}
