using CsCheck;
using ServerSession.Core;
using ServerSession.Tests.Support;

namespace ServerSession.Tests.Operations;

public sealed class OperationLogTests
{
    [Fact]
    public void Add_keeps_an_operation_until_its_window_has_passed()
    {
        var log = OperationLog.Empty.Add(Record(1, Sample.Now), Sample.Now, Sample.Window);

        var last = log.Add(Record(2, Sample.Now + Sample.Window), Sample.Now + Sample.Window, Sample.Window);
        Assert.Equal([1UL, 2UL], Sequences(last));
        Assert.Equal(DateTimeOffset.MinValue, last.ExpiredThrough);

        var after = Sample.Now + Sample.Window + TimeSpan.FromTicks(1);
        Assert.Equal([3UL], Sequences(log.Add(Record(3, after), after, Sample.Window)));
    }

    /// <summary>An operation dropped with its window was once accepted again by a silo whose clock was behind.</summary>
    [Fact]
    public void Add_that_drops_by_the_window_raises_the_floor()
    {
        var log = OperationLog.Empty.Add(Record(1, Sample.Now), Sample.Now, Sample.Window);
        var later = Sample.Now + Sample.Window * 2;

        Assert.Equal(Sample.Now, log.Add(Record(2, later), later, Sample.Window).ExpiredThrough);
    }

    /// <summary>A first arrival is told by its number, but only where all that is remembered is of its own frontend.</summary>
    [Fact]
    public void TryFind_among_operations_of_any_sources_finds_what_is_there_and_nothing_else() =>
        Gen.Select(Gen.ULong[0, 2], Gen.ULong[0, 6], Gen.Int[0, 8], Gen.Bool).Array[1, 30].Sample(
            arrivals =>
            {
                var log = OperationLog.Empty;
                var now = Sample.Now;
                foreach (var (source, sequence, seconds, reload) in arrivals)
                {
                    var id = new OperationId(source, sequence);
                    Assert.Equal(log.Records.ToArray().Any(record => record.Id == id), log.TryFind(id, out _));
                    now += TimeSpan.FromSeconds(seconds);
                    log = log.Add(new OperationRecord(id, now, null, null), now, Sample.Window);
                    log = reload ? new OperationLog(log.Records, log.ExpiredThrough) : log;
                    Assert.True(log.TryFind(id, out _));
                }
            },
            iter: 2000);

    /// <summary>What was sent may come again until its window has passed; what was made locally only until the next operation.</summary>
    [Fact]
    public void TryFind_finds_what_was_sent_in_the_window_and_the_newest() =>
        Gen.Select(Gen.Bool, Gen.Int[0, 8], Gen.Bool).Array[1, 60].Sample(
            arrivals =>
            {
                var log = OperationLog.Empty;
                var now = Sample.Now;
                var seen = new List<(OperationRecord Record, bool IsLocal)>();
                foreach (var (isLocal, seconds, reload) in arrivals)
                {
                    now += TimeSpan.FromSeconds(seconds);
                    var record = new OperationRecord(OperationId.New(), now, null, null);
                    log = isLocal ? log.AddLocal(in record, now, Sample.Window) : log.Add(in record, now, Sample.Window);
                    seen.Add((record, isLocal));
                    Assert.All(seen, one => Assert.Equal(
                        one.IsLocal ? one.Record.Id == record.Id : one.Record.IssuedAt >= now - Sample.Window,
                        log.TryFind(one.Record.Id, out _)));
                    var dropped = seen.Where(one => !one.IsLocal && one.Record.IssuedAt < now - Sample.Window).Select(static one => one.Record.IssuedAt);
                    Assert.Equal(dropped.DefaultIfEmpty(DateTimeOffset.MinValue).Max(), log.ExpiredThrough);
                    Assert.InRange(log.Capacity, 0, Math.Max(4, 8 * log.Records.Length));
                    if (reload)
                    {
                        log = new OperationLog([.. log.Records, .. log.Local], log.ExpiredThrough);
                        seen[^1] = (record, IsLocal: false);
                    }
                }
            },
            iter: 2000);

    [Fact]
    public void AddLocal_drops_nothing_that_was_sent_for_want_of_room()
    {
        var log = Filled(OperationLog.MaximumRecords).AddLocal(Record(5000, Sample.Now), Sample.Now, Sample.Window);

        Assert.Equal(OperationLog.MaximumRecords, log.Records.Length);
        Assert.True(log.TryFind(new OperationId(1, 5000), out _));
    }

    [Fact]
    public void AddLocal_to_a_view_that_was_added_to_sees_nothing_of_that()
    {
        for (ulong length = 0; length < 40; length++)
        {
            var log = Filled(length);
            var abandoned = log.Add(Record(1000, Sample.Now), Sample.Now, Sample.Window);
            var taken = log.AddLocal(Record(2000, Sample.Now), Sample.Now, Sample.Window);
            var next = taken.Add(Record(3000, Sample.Now), Sample.Now, Sample.Window);

            Assert.Equal(Sequences(log), Sequences(taken));
            Assert.False(taken.TryFind(new OperationId(1, 1000), out _));
            Assert.Equal([.. Sequences(log), 3000UL], Sequences(next));
            Assert.Equal([.. Sequences(log), 1000UL], Sequences(abandoned));
        }
    }

    [Fact]
    public void AddLocal_takes_no_memory_however_often_it_is_called()
    {
        var log = OperationLog.Empty;
        for (var number = 0; number < 10_000; number++)
        {
            log = log.AddLocal(Record((ulong)number, Sample.Now), Sample.Now, Sample.Window);
        }

        Assert.Equal(0, log.Capacity);
        Assert.Equal(1, log.Local.Length);
    }

    [Fact]
    public void Add_over_the_capacity_drops_the_oldest_and_raises_the_floor()
    {
        var log = OperationLog.Empty;
        for (var number = 0; number <= OperationLog.MaximumRecords; number++)
        {
            Assert.Equal(DateTimeOffset.MinValue, log.ExpiredThrough);
            log = log.Add(Record((ulong)number, Sample.Now.AddTicks(number)), Sample.Now, Sample.Window);
        }

        Assert.Equal(OperationLog.MaximumRecords, log.Records.Length);
        Assert.False(log.TryFind(new OperationId(1, 0), out _));
        Assert.True(log.TryFind(new OperationId(1, 1), out _));
        Assert.Equal(Sample.Now, log.ExpiredThrough);
    }

    [Fact]
    public void Add_bounds_the_bytes_of_results_beside_the_newest()
    {
        var half = Results(OperationLog.MaximumResultBytes / 2 - 16);
        var huge = Results(OperationLog.MaximumResultBytes * 4);
        var log = OperationLog.Empty
            .Add(Record(1, Sample.Now, half), Sample.Now, Sample.Window)
            .Add(Record(2, Sample.Now.AddTicks(1), half), Sample.Now, Sample.Window)
            .Add(Record(3, Sample.Now.AddTicks(2), huge), Sample.Now, Sample.Window);
        Assert.Equal([1UL, 2UL, 3UL], Sequences(log));

        log = log.Add(Record(4, Sample.Now.AddTicks(3)), Sample.Now, Sample.Window);
        Assert.Equal([4UL], Sequences(log));
        Assert.Equal(Sample.Now.AddTicks(2), log.ExpiredThrough);
    }

    /// <summary>Results without a value once counted as nothing, and refusals too.</summary>
    [Fact]
    public void Add_bounds_results_that_have_no_value()
    {
        var many = new SessionChangeResult[OperationLog.MaximumResultBytes / 16 / 4];
        var log = OperationLog.Empty;
        for (ulong number = 1; number <= 100; number++)
        {
            log = log.Add(Record(number, Sample.Now.AddTicks((long)number), many), Sample.Now, Sample.Window);
        }

        Assert.Equal([96UL, 97UL, 98UL, 99UL, 100UL], Sequences(log));
    }

    [Fact]
    public void Add_to_one_view_twice_makes_two_logs_that_do_not_see_each_other()
    {
        for (ulong length = 0; length < 40; length++)
        {
            var log = Filled(length);
            var abandoned = log.Add(Record(1000, Sample.Now), Sample.Now, Sample.Window);
            var taken = log.Add(Record(2000, Sample.Now), Sample.Now, Sample.Window);
            var next = taken.Add(Record(3000, Sample.Now), Sample.Now, Sample.Window);
            abandoned = abandoned.Add(Record(4000, Sample.Now), Sample.Now, Sample.Window);

            var before = Sequences(Filled(length));
            Assert.Equal(before, Sequences(log));
            Assert.Equal([.. before, 2000UL, 3000UL], Sequences(next));
            Assert.Equal([.. before, 1000UL, 4000UL], Sequences(abandoned));
        }
    }

    [Fact]
    public async Task Add_from_many_threads_to_one_view_never_mixes_them()
    {
        for (var round = 0; round < 200; round++)
        {
            var log = Filled(5);
            using var start = new Barrier(4);
            var logs = await Task.WhenAll(Enumerable.Range(0, 4).Select(number => Task.Factory.StartNew(
                () =>
                {
                    start.SignalAndWait();
                    return log.Add(Record((ulong)(100 + number), Sample.Now), Sample.Now, Sample.Window);
                },
                TestContext.Current.CancellationToken,
                TaskCreationOptions.LongRunning,
                TaskScheduler.Default)));
            for (var number = 0; number < 4; number++)
            {
                Assert.Equal([1UL, 2UL, 3UL, 4UL, 5UL, (ulong)(100 + number)], Sequences(logs[number]));
            }
        }
    }

    [Fact]
    public void Add_after_a_quiet_time_gives_the_memory_of_a_burst_back()
    {
        var log = Filled(1000);
        Assert.InRange(log.Capacity, 1000, 2048);

        var later = Sample.Now + Sample.Window * 2;
        log = log.Add(Record(5000, later), later, Sample.Window);
        Assert.Equal(1, log.Capacity);
    }

    [Fact]
    public void Add_of_large_results_does_not_keep_the_dropped_ones_alive()
    {
        var log = OperationLog.Empty;
        var dropped = new List<WeakReference>();
        for (ulong number = 1; number <= 300; number++)
        {
            var now = Sample.Now + (Sample.Window / 100 * number);
            log = AddLarge(log, number, now, dropped);
        }

        GC.Collect();
        Assert.InRange(dropped.Count(reference => reference.IsAlive), 1, 8);
        GC.KeepAlive(log);
    }

    [System.Runtime.CompilerServices.MethodImpl(System.Runtime.CompilerServices.MethodImplOptions.NoInlining)]
    private static OperationLog AddLarge(OperationLog log, ulong number, DateTimeOffset now, List<WeakReference> dropped)
    {
        var bytes = new byte[20_000];
        dropped.Add(new WeakReference(bytes));
        return log.Add(Record(number, now, [new SessionChangeResult(true, new SessionValue(bytes))]), now, Sample.Window);
    }

    private static OperationLog Filled(ulong length)
    {
        var log = OperationLog.Empty;
        for (ulong number = 1; number <= length; number++)
        {
            log = log.Add(Record(number, Sample.Now), Sample.Now, Sample.Window);
        }

        return log;
    }

    private static ulong[] Sequences(OperationLog log)
    {
        var sequences = new List<ulong>();
        foreach (var record in log.Records)
        {
            sequences.Add(record.Id.Sequence);
        }

        return [.. sequences];
    }

    private static SessionChangeResult[] Results(int size) => [new(true, new SessionValue(new byte[size]))];

    private static OperationRecord Record(ulong sequence, DateTimeOffset issuedAt, SessionChangeResult[]? results = null) =>
        new(new OperationId(1, sequence), issuedAt, results, null);
}
