namespace ServerSession.Tests.Tokens;

public sealed class OperationIdTests
{
    [Fact]
    public void New_on_many_threads_never_repeats()
    {
        const int Threads = 8;
        const int Each = 20_000;
        var ids = new OperationId[Threads * Each];
        var workers = Enumerable.Range(0, Threads).Select(number => new Thread(() =>
        {
            for (var index = 0; index < Each; index++)
            {
                ids[(number * Each) + index] = OperationId.New();
            }
        })).ToArray();
        foreach (var worker in workers)
        {
            worker.Start();
        }

        foreach (var worker in workers)
        {
            worker.Join();
        }

        Assert.Equal(ids.Length, ids.Distinct().Count());
        Assert.Single(ids.Select(id => id.Source).Distinct());
        Assert.All(ids.Take(1), id => Assert.NotEqual(default, id));
    }
}
