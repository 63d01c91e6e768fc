using System.Globalization;

namespace ServerSession.Tests.Facts;

/// <summary>Values that name themselves and differ in every part, so that a torn or mixed one is none of them.</summary>
public static class Payload
{
    private static readonly int[] Sizes = [12, 100, 900, 6000];
    private static long _count;

    public static string Make(Random random)
    {
        var name = Interlocked.Increment(ref _count).ToString("x8", CultureInfo.InvariantCulture);
        return string.Concat(Enumerable.Repeat(name, (Sizes[random.Next(Sizes.Length)] / name.Length) + 1));
    }

    public static string Name(string value) => value.Length <= 16 ? value : $"{value[..8]}…({value.Length})";
}
