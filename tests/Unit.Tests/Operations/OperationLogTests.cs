using CsCheck;
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
        var later = Sample.Now + (Sample.Window * 2);

        Assert.Equal(Sample.Now, log.Add(Record(2, later), later, Sample.Window).ExpiredThrough);
    }

    [Fact]
    public void Add_of_a_numbered_operation_forgets_what_its_source_waits_for_no_longer_and_nothing_of_others()
    {
        var log = OperationLog.Empty
            .Add(Record(1, Sample.Now), Sample.Now, Sample.Window)
            .Add(Record(2, Sample.Now, first: 1), Sample.Now, Sample.Window)
            .Add(Record(7, Sample.Now, source: 2), Sample.Now, Sample.Window)
            .Add(Record(4, Sample.Now, first: 2), Sample.Now, Sample.Window);
        Assert.Equal([2UL, 7UL, 4UL], Sequences(log));
        Assert.True(log.HasForgotten(new OperationId(1, 1), Sample.Now));
        Assert.False(log.HasForgotten(new OperationId(1, 3), Sample.Now));
        Assert.False(log.HasForgotten(new OperationId(2, 1), Sample.Now));
        Assert.Equal(DateTimeOffset.MinValue, log.ExpiredThrough);

        // One that was on its way since before the others.
        log = log.Add(Record(3, Sample.Now, first: 1), Sample.Now, Sample.Window);
        Assert.Equal([2UL, 7UL, 4UL, 3UL], Sequences(log));
        Assert.True(log.HasForgotten(new OperationId(1, 1), Sample.Now));
    }

    /// <summary>A source may say no more than that everything before this very operation is answered.</summary>
    [Fact]
    public void Add_of_an_operation_that_claims_answers_for_later_ones_keeps_them()
    {
        var log = OperationLog.Empty
            .Add(Record(5, Sample.Now, first: 5), Sample.Now, Sample.Window)
            .Add(Record(4, Sample.Now, first: ulong.MaxValue), Sample.Now, Sample.Window);

        Assert.True(log.TryFind(new OperationId(1, 5), out _));
        Assert.False(log.HasForgotten(new OperationId(1, 6), Sample.Now));
    }

    /// <summary>A source that is forgotten by time leaves nothing that a silo whose clock is behind would accept.</summary>
    [Fact]
    public void Add_that_forgets_a_source_refuses_whatever_was_remembered_of_it()
    {
        var later = Sample.Now + TimeSpan.FromSeconds(2);
        var log = OperationLog.Empty
            .Add(Record(1, later, first: 1), Sample.Now, Sample.Window)
            .Add(Record(2, Sample.Now, first: 2), Sample.Now, Sample.Window);
        Assert.Equal([2UL], Sequences(log));

        var now = later + Sample.Window + TimeSpan.FromTicks(1);
        log = log.Add(Record(1, now, source: 2), now, Sample.Window);

        Assert.Equal(later, log.ExpiredThrough);
        Assert.True(log.HasForgotten(new OperationId(1, 1), later));
    }

    /// <summary>Of any sources, numbered or not, in any order and stored at any time: what is not answered is found, what is answered is refused.</summary>
    [Fact]
    public void Log_of_any_arrivals_finds_what_is_waited_for_and_refuses_what_is_not() =>
        Gen.Select(Gen.ULong[0, 2], Gen.Int[0, 3], Gen.Int[0, 2], Gen.Bool).Array[1, 60].Play(
            count: 2000,
            static arrivals =>
            {
                var log = OperationLog.Empty;
                var now = Sample.Now;
                var numberings = new[] { new OperationNumbering(), new OperationNumbering() };
                var pending = new List<(OperationNumbering? By, NumberedOperation Operation)>();
                var applied = new Dictionary<OperationId, DateTimeOffset>();
                var floors = new Dictionary<ulong, ulong>();
                foreach (var (source, back, seconds, reload) in arrivals)
                {
                    now += TimeSpan.FromSeconds(seconds);
                    pending.Add(source < 2 ? (numberings[source], numberings[source].Begin()) : (null, new NumberedOperation(OperationId.New(), 0)));
                    var (by, next) = pending[Math.Max(0, pending.Count - 1 - back)];
                    pending.Remove((by, next));
                    Assert.False(log.TryFind(next.Id, out _));
                    Assert.False(log.HasForgotten(next.Id, now));
                    log = log.Add(new OperationRecord(next.Id, now, null, null, next.FirstUnanswered), now, Sample.Window);
                    applied.Add(next.Id, now);
                    floors[next.Id.Source] = Math.Max(floors.GetValueOrDefault(next.Id.Source), next.FirstUnanswered);
                    foreach (var (id, at) in applied)
                    {
                        var isAnswered = id.Sequence < floors[id.Source];
                        Assert.Equal(!isAnswered && at >= now - Sample.Window, log.TryFind(id, out _));
                        Assert.True(log.TryFind(id, out _) || log.HasForgotten(id, at));
                    }

                    // The answer arrives at the frontend before the next operation or later.
                    if (back != 1)
                    {
                        by?.End(next.Id.Sequence);
                    }

                    log = reload ? new OperationLog(log.Records.ToArray(), log.ExpiredThrough) : log;
                }
            });

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
        var half = Results((OperationLog.MaximumResultBytes / 2) - 16);
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
    public void Add_to_one_log_twice_makes_two_that_do_not_see_each_other()
    {
        var log = OperationLog.Empty.Add(Record(1, Sample.Now), Sample.Now, Sample.Window);
        var abandoned = log.Add(Record(1000, Sample.Now), Sample.Now, Sample.Window);
        var taken = log.Add(Record(2000, Sample.Now), Sample.Now, Sample.Window);

        Assert.Equal([1UL], Sequences(log));
        Assert.Equal([1UL, 2000UL], Sequences(taken));
        Assert.Equal([1UL, 1000UL], Sequences(abandoned));
    }

    [Fact]
    public void Add_of_numbered_operations_takes_no_memory_however_many_there_are()
    {
        var log = OperationLog.Empty;
        for (ulong number = 1; number <= 10_000; number++)
        {
            log = log.Add(Record(number, Sample.Now, first: number), Sample.Now, Sample.Window);
            Assert.Equal(1, log.Records.Length);
        }

        Assert.Equal(DateTimeOffset.MinValue, log.ExpiredThrough);
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

    private static OperationRecord Record(ulong sequence, DateTimeOffset issuedAt, SessionChangeResult[]? results = null, ulong source = 1, ulong first = 0) =>
        new(new OperationId(source, sequence), issuedAt, results, null, first);
}
