using System.Collections.Concurrent;
using System.Globalization;
using CsCheck;

namespace ServerSession.Tests.Support;

/// <summary>
/// Random cases that are the same in every run. SERVERSESSION_MODEL_CASES sets how many others each test plays instead: a failure of those prints a seed,
/// and CsCheck_Seed plays its case again.
/// </summary>
internal static class FixedCases
{
    /// <summary>How many other cases are asked for; null for the fixed ones.</summary>
    public static readonly int? Others = Environment.GetEnvironmentVariable("SERVERSESSION_MODEL_CASES") is { } asked ? int.Parse(asked, CultureInfo.InvariantCulture) : null;

    /// <summary>Plays the first cases of a generator, some of them at the same time, or the others that are asked for.</summary>
    public static void Play<T>(this Gen<T> cases, int count, Action<T> check)
    {
        if (Others is { } others)
        {
            cases.Sample(check, iter: others);
            return;
        }

        var failures = new ConcurrentDictionary<int, Exception>();
        var all = cases.First(count);
        Parallel.For(0, count, (number, loop) =>
        {
            try
            {
                check(all[number]);
            }
            catch (Exception exception)
            {
                failures[number] = exception;
                loop.Break();
            }
        });
        if (!failures.IsEmpty)
        {
            var number = failures.Keys.Min();
            throw new InvalidOperationException($"Case {number} of {count}: {failures[number].Message}\n{Check.Print(all[number])}", failures[number]);
        }
    }

    /// <summary>Plays the first cases of a generator, some of them at the same time.</summary>
    public static Task PlayAsync<T>(this Gen<T> cases, int count, int atOnce, Func<T, Task> check) =>
        Parallel.ForEachAsync(cases.First(count), new ParallelOptions { MaxDegreeOfParallelism = atOnce }, async (one, _) => await check(one));

    private static T[] First<T>(this Gen<T> cases, int count)
    {
        var random = new PCG(stream: 14, seed: 2026);
        return [.. Enumerable.Range(0, count).Select(_ => cases.Generate(random, null, out var _))];
    }
}
