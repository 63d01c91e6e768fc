namespace ServerSession.Tests.Timers;

/// <summary>The timing wheel: when it calls, whom, and what it still holds.</summary>
public sealed class ExpiryWheelTests : IDisposable
{
    private readonly WheelBench _bench = new();

    private ExpiryWheel Wheel => _bench.Wheel;

    public void Dispose() => _bench.Dispose();

    [Theory]
    [InlineData(-5.0)]
    [InlineData(0.0)]
    [InlineData(0.1)]
    [InlineData(0.25)]
    [InlineData(255.9)]
    [InlineData(256.0)]
    [InlineData(1200.3)]
    public void Entry_is_called_never_early_and_at_most_a_tick_late(double seconds)
    {
        var owner = new Owner();
        Wheel.Add(owner.Entry, TimeSpan.FromSeconds(seconds));
        var ticks = Math.Max(1, (int)Math.Ceiling(seconds * 4));

        _bench.Tick(ticks - 1);
        Assert.Equal(0, owner.Calls);

        _bench.Tick();
        Assert.Equal(1, owner.Calls);
        Assert.Equal(0, Wheel.Count);
    }

    [Fact]
    public void Span_of_years_waits_for_its_end()
    {
        var owner = new Owner();
        Wheel.Add(owner.Entry, TimeSpan.FromDays(5 * 365));

        _bench.Jump(TimeSpan.FromDays(5 * 365) - ExpiryWheel.TickLength);
        Assert.Equal(0, owner.Calls);

        _bench.Tick();
        Assert.Equal(1, owner.Calls);
    }

    [Fact]
    public void Span_without_end_is_held_and_can_be_taken_out()
    {
        var owner = new Owner();
        Wheel.Add(owner.Entry, TimeSpan.MaxValue);
        _bench.Jump(TimeSpan.FromDays(365));
        Assert.Equal((1, 0), (Wheel.Count, owner.Calls));

        Wheel.Remove(owner.Entry);

        Assert.Equal(0, Wheel.Count);
    }

    [Fact]
    public void Entries_are_called_in_the_order_of_their_ticks()
    {
        var called = new List<int>();
        foreach (var tick in new[] { 7, 3, 900, 5, 1, 1020 })
        {
            Wheel.Add(new Owner(() => Note(called, tick)).Entry, ExpiryWheel.TickLength * tick);
        }

        _bench.Jump(ExpiryWheel.TickLength * 1023);

        Assert.Equal([1, 3, 5, 7, 900, 1020], called);
    }

    [Fact]
    public void Pause_of_many_turns_calls_everyone_once()
    {
        var owners = Enumerable.Range(1, 3000).Select(static _ => new Owner()).ToList();
        for (var i = 0; i < owners.Count; i++)
        {
            Wheel.Add(owners[i].Entry, ExpiryWheel.TickLength * (i + 1));
        }

        _bench.Jump(ExpiryWheel.TickLength * 10_000);

        Assert.All(owners, static owner => Assert.Equal(1, owner.Calls));
        Assert.Equal(0, Wheel.Count);
    }

    [Fact]
    public void Entry_that_was_removed_is_not_called_and_not_held()
    {
        var (gone, first, last) = (new Owner(), new Owner(), new Owner());
        foreach (var owner in new[] { first, gone, last })
        {
            Wheel.Add(owner.Entry, TimeSpan.FromSeconds(1));
        }

        Wheel.Remove(gone.Entry);
        Wheel.Remove(gone.Entry);

        Assert.Equal(2, Wheel.Count);
        Assert.Same(gone.Entry, gone.Entry.Next);
        _bench.Tick(4);
        Assert.Equal((0, 1, 1), (gone.Calls, first.Calls, last.Calls));
    }

    [Fact]
    public void Entry_armed_again_is_called_at_the_new_time_only()
    {
        var owner = new Owner();
        Wheel.Add(owner.Entry, TimeSpan.FromSeconds(1));
        Wheel.Add(owner.Entry, TimeSpan.FromSeconds(2));
        Assert.Equal(1, Wheel.Count);

        _bench.Tick(7);
        Assert.Equal(0, owner.Calls);
        _bench.Tick();
        Assert.Equal(1, owner.Calls);
    }

    [Fact]
    public void Owner_that_is_called_arms_and_disarms_others_and_itself()
    {
        var other = new Owner();
        var fresh = new Owner();
        var owner = new Owner();
        owner.WhenCalled = () =>
        {
            Wheel.Remove(other.Entry);
            Wheel.Add(fresh.Entry, TimeSpan.Zero);
            Wheel.Add(owner.Entry, TimeSpan.FromSeconds(1));
            return Task.CompletedTask;
        };
        Wheel.Add(owner.Entry, TimeSpan.FromSeconds(1));
        Wheel.Add(other.Entry, TimeSpan.FromSeconds(1));

        _bench.Tick(4);
        Assert.Equal((1, 0, 0), (owner.Calls, other.Calls, fresh.Calls));
        Assert.Equal(2, Wheel.Count);
        _bench.Tick(4);
        Assert.Equal((2, 0, 1), (owner.Calls, other.Calls, fresh.Calls));
    }

    [Fact]
    public void Call_that_fails_is_made_again_after_the_storage_timeout()
    {
        var owner = new Owner { WhenCalled = static () => Task.FromException(new TimeoutException()) };
        Wheel.Add(owner.Entry, TimeSpan.Zero);
        _bench.Tick();
        Assert.Equal(1, owner.Calls);

        _bench.Tick(11);
        Assert.Equal(1, owner.Calls);
        _bench.Tick();
        Assert.Equal(2, owner.Calls);
    }

    [Fact]
    public void Call_that_fails_after_the_owner_took_the_entry_out_is_not_made_again()
    {
        var owner = new Owner();
        owner.WhenCalled = () =>
        {
            Wheel.Remove(owner.Entry);
            throw new SessionUnavailableException("The storage is down.");
        };
        Wheel.Add(owner.Entry, TimeSpan.Zero);

        _bench.Tick(40);

        Assert.Equal((1, 0), (owner.Calls, Wheel.Count));
    }

    [Fact]
    public void Entries_of_a_hundred_thousand_due_at_once_are_called_so_many_at_a_time()
    {
        var running = new Queue<TaskCompletionSource>();
        var most = 0;
        var owners = Enumerable.Range(0, 100_000).Select(_ => new Owner(() =>
        {
            var answer = new TaskCompletionSource();
            running.Enqueue(answer);
            most = Math.Max(most, running.Count);
            return answer.Task;
        })).ToList();
        owners.ForEach(owner => Wheel.Add(owner.Entry, TimeSpan.FromSeconds(1)));

        _bench.Tick(4);
        Assert.Equal(ExpiryWheel.CallsAtOnce, running.Count);

        // The answers arrive while the wheel goes on: it starts no more callers.
        for (var answers = 0; running.TryDequeue(out var answer); answers++)
        {
            answer.SetResult();
            if (answers % 1000 == 0)
            {
                _bench.Tick();
            }
        }

        Assert.Equal(ExpiryWheel.CallsAtOnce, most);
        Assert.All(owners, static owner => Assert.Equal(1, owner.Calls));
        Assert.Equal(0, Wheel.Count);
    }

    [Fact]
    public void Stop_calls_nobody_any_more_and_waits_for_nobody()
    {
        var answer = new TaskCompletionSource();
        var (hangs, later) = (new Owner(() => answer.Task), new Owner());
        Wheel.Add(hangs.Entry, TimeSpan.Zero);
        Wheel.Add(later.Entry, TimeSpan.FromSeconds(1));
        _bench.Tick();

        Wheel.Stop();
        _bench.Tick(8);
        answer.SetResult();

        Assert.Equal((1, 0), (hangs.Calls, later.Calls));
    }

    [Fact]
    public async Task Threads_that_arm_and_disarm_while_it_turns_lose_and_leave_nothing()
    {
        const int PerThread = 20_000;
        var stop = false;
        var turning = Task.Run(() =>
        {
            while (!Volatile.Read(ref stop))
            {
                _bench.Tick();
            }
        });
        var threads = Enumerable.Range(0, 4).Select(thread => Task.Run(() =>
        {
            var random = new Random(thread);
            var kept = new List<Owner>();
            for (var i = 0; i < PerThread; i++)
            {
                var owner = new Owner();
                Wheel.Add(owner.Entry, ExpiryWheel.TickLength * random.Next(3000));
                switch (i % 3)
                {
                    case 0:
                        kept.Add(owner);
                        break;
                    case 1:
                        Wheel.Remove(owner.Entry);
                        break;
                    default:
                        Wheel.Add(owner.Entry, ExpiryWheel.TickLength * random.Next(3000));
                        Wheel.Remove(owner.Entry);
                        break;
                }
            }

            return kept;
        })).ToList();

        var all = (await Task.WhenAll(threads)).SelectMany(static kept => kept).ToList();
        Volatile.Write(ref stop, true);
        await turning;
        _bench.Tick(3001);

        Assert.All(all, static owner => Assert.Equal(1, owner.Calls));
        Assert.Equal(0, Wheel.Count);
    }

    private static Task Note(List<int> called, int tick)
    {
        called.Add(tick);
        return Task.CompletedTask;
    }
}
