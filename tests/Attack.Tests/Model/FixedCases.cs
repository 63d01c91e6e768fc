using CsCheck;

namespace ServerSession.Tests.Model;

/// <summary>Random cases that are the same in every run.</summary>
internal static class FixedCases
{
    /// <summary>Plays the first cases of a generator, some of them at the same time.</summary>
    public static Task PlayAsync(this Gen<Program> programs, int count, int atOnce, Func<Program, Task> check)
    {
        var random = new PCG(stream: 14, seed: 2026);
        Program[] cases = [.. Enumerable.Range(0, count).Select(_ => programs.Generate(random, null, out var _))];
        return Parallel.ForEachAsync(cases, new ParallelOptions { MaxDegreeOfParallelism = atOnce }, async (program, _) => await check(program));
    }
}
