namespace ServerSession.Tests;

/// <summary>For how long this process did not run although it wanted to, because the machine stood still or was too busy: no bound on a time may count that.</summary>
public static class Stalls
{
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(50);

    private static long _ticks;

    static Stalls() => new Thread(Watch) { IsBackground = true, Name = "stalls" }.Start();

    /// <summary>Gets the time of all stalls so far. A stall that has just ended counts after a moment.</summary>
    public static TimeSpan Total => TimeSpan.FromTicks(Volatile.Read(ref _ticks));

    /// <summary>What is left of a time that has just ended when the stalls in it are taken out.</summary>
    /// <param name="took">The time.</param>
    /// <param name="before"><see cref="Total"/> when it began.</param>
    public static async Task<TimeSpan> WithoutAsync(TimeSpan took, TimeSpan before)
    {
        await Task.Delay(Step * 4);
        return took - (Total - before);
    }

    /// <summary>
    /// Whether a failure may be the machine's: it stood still meanwhile. What is excused is printed. A test that repeats something for it does so once, because a
    /// product that is broken stays so.
    /// </summary>
    /// <param name="failure">What failed, for the output.</param>
    /// <param name="before"><see cref="Total"/> when it began.</param>
    /// <param name="least">Stalls that are no longer than this excuse nothing.</param>
    public static async Task<bool> ExcuseAsync(string failure, TimeSpan before, TimeSpan least = default)
    {
        await Task.Delay(Step * 4);
        var stalled = Total - before;
        if (stalled <= least)
        {
            return false;
        }

        Console.WriteLine($"excused because the machine stood still for {stalled.TotalSeconds:0.0} s: {failure}");
        return true;
    }

    private static void Watch()
    {
        while (true)
        {
            var began = TimeProvider.System.GetTimestamp();
            Thread.Sleep(Step);
            var late = TimeProvider.System.GetElapsedTime(began) - (Step * 2);
            if (late > TimeSpan.Zero)
            {
                Interlocked.Add(ref _ticks, late.Ticks);
            }
        }
    }
}
