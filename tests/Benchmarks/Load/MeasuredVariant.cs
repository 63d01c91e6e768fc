using ServerSession.Benchmarks.Support;

namespace ServerSession.Benchmarks.Load;

/// <summary>A variant as one run measures it: its processes may have another environment than this one's.</summary>
/// <param name="Kind">The variant.</param>
/// <param name="Name">Its name in the report.</param>
/// <param name="Environment">What the environment of its processes has beside this process's.</param>
internal sealed record MeasuredVariant(string Kind, string Name, IReadOnlyDictionary<string, string> Environment)
{
    private static readonly Dictionary<string, string> NoEnvironment = [];

    public static MeasuredVariant Of(string kind) => new(kind, kind, NoEnvironment);

    /// <summary>The twin of a variant whose processes have another environment, to be measured beside it.</summary>
    public static MeasuredVariant Twin(string kind, int number, IReadOnlyDictionary<string, string> environment) =>
        new(kind, kind + new string('*', number), environment);

    /// <summary>Reads <c>NAME=value,NAME=value</c>.</summary>
    /// <exception cref="UsageException">A part has no value.</exception>
    public static Dictionary<string, string> ParseEnvironment(string text) => text.Split(',', StringSplitOptions.RemoveEmptyEntries).ToDictionary(
        static part => part.Split('=', 2)[0],
        static part => part.Split('=', 2) is [_, var value] ? value : throw new UsageException($"--twin has '{part}'; write NAME=value."),
        StringComparer.Ordinal);
}
