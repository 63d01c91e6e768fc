using System.Globalization;

namespace ServerSession.Soak;

/// <summary>Compares the end with the start. The allowances are what a runtime keeps of its own accord, and none of them grows with time.</summary>
internal static class Verdict
{
    private const long HeapAllowance = 15_000_000;
    private const long PrivateAllowance = 100_000_000;
    private const int HandleAllowance = 10;
    private const int ThreadAllowance = 12;
    private const int ActivationAllowance = 5;

    /// <summary>Whether there is nothing left to wait for.</summary>
    public static bool HasReturned(Sample start, Sample now) =>
        now.Rows <= start.Rows && now.Activations <= start.Activations + ActivationAllowance
        && now.Heap <= start.Heap + HeapAllowance && now.Private <= start.Private + PrivateAllowance;

    /// <summary>Prints a line for each measure and reports whether everything returned.</summary>
    public static bool Print(Sample start, Sample end, MixedLoad load)
    {
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{load.Requests} requests, {load.Created} sessions created, {load.Rotated} rotations, {load.Destroyed} destroyed, {load.Abandoned} left to expire"));
        var left = load.Created == 0 ? 0 : (end.Heap - start.Heap) / (double)load.Created;
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"The heap kept {left:F1} bytes for each session created."));
        bool[] passed =
        [
            Line("rows", start.Rows, end.Rows, 0),
            Line("activations", start.Activations, end.Activations, ActivationAllowance),
            Line("directory entries", start.Directory, end.Directory, ActivationAllowance),
            Line("handles", start.Handles, end.Handles, HandleAllowance),
            Line("threads", start.Threads, end.Threads, ThreadAllowance),
            Line("heap bytes", start.Heap, end.Heap, HeapAllowance),
            Line("private bytes", start.Private, end.Private, PrivateAllowance),
            Line("unexpected answers", 0, load.Unexpected, 0),
        ];
        if (load.FirstUnexpected is { } answer)
        {
            Console.WriteLine($"The first unexpected answer: {answer}");
        }

        return passed.All(static line => line);
    }

    private static bool Line(string what, long start, long end, long allowance)
    {
        var passed = end <= start + allowance;
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{(passed ? "ok  " : "FAIL")} {what}: {start} at the start, {end} at the end, up to {start + allowance} allowed"));
        return passed;
    }
}
