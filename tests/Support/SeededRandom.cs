namespace ServerSession.Tests;

/// <summary>Random choices that a seed repeats in every process, which <see cref="HashCode"/> does not.</summary>
public static class SeededRandom
{
    /// <summary>The choices of one part of a run, for instance of one worker.</summary>
    /// <param name="seed">The run's seed.</param>
    /// <param name="parts">The part's numbers.</param>
    public static Random Of(int seed, params ReadOnlySpan<int> parts)
    {
        foreach (var part in parts)
        {
            seed = unchecked((seed * 31) + part);
        }

        return new Random(seed);
    }
}
