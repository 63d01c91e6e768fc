using ServerSession.Benchmarks.Support;

namespace ServerSession.Benchmarks.Load;

/// <summary>A variant as one run measures it: its processes may have another environment than this one's.</summary>
/// <param name="Kind">The variant.</param>
/// <param name="Name">Its name in the report.</param>
/// <param name="Environment">What the environment of its processes has beside this process's; a name that ends with <c>@silos</c> is for its silos only.</param>
internal sealed record MeasuredVariant(string Kind, string Name, IReadOnlyDictionary<string, string> Environment)
{
    private const string OnlySilos = "@silos";

    private static readonly Dictionary<string, string> NoEnvironment = [];

    /// <summary>What the environment of the process has that is loaded.</summary>
    public IReadOnlyDictionary<string, string> ServerEnvironment => Environment.Where(static pair => !pair.Key.EndsWith(OnlySilos, StringComparison.Ordinal)).ToDictionary();

    /// <summary>What the environment of the silos beside it has.</summary>
    public IReadOnlyDictionary<string, string> SiloEnvironment => Environment.ToDictionary(
        static pair => pair.Key.EndsWith(OnlySilos, StringComparison.Ordinal) ? pair.Key[..^OnlySilos.Length] : pair.Key, static pair => pair.Value, StringComparer.Ordinal);

    public static MeasuredVariant Of(string kind) => new(kind, kind, NoEnvironment);

    /// <summary>The twin of a variant whose processes have another environment, to be measured beside it.</summary>
    public static MeasuredVariant Twin(string kind, int number, IReadOnlyDictionary<string, string> environment) =>
        new(kind, kind + new string('*', number), environment);

    /// <summary>Each kind, and beside it its twins for the sets of an option <c>--twin</c>.</summary>
    public static IEnumerable<MeasuredVariant> WithTwins(IEnumerable<string> kinds, string? twins)
    {
        var sets = (twins ?? "").Split(';', StringSplitOptions.RemoveEmptyEntries).Select(ParseEnvironment).ToArray();
        return kinds.SelectMany(kind => sets.Select((set, index) => Twin(kind, index + 1, set)).Prepend(Of(kind)));
    }

    /// <summary>Reads <c>NAME=value,NAME=value</c>.</summary>
    /// <exception cref="UsageException">A part has no value.</exception>
    public static Dictionary<string, string> ParseEnvironment(string text) => text.Split(',', StringSplitOptions.RemoveEmptyEntries).ToDictionary(
        static part => part.Split('=', 2)[0],
        static part => part.Split('=', 2) is [_, var value] ? value : throw new UsageException($"--twin has '{part}'; write NAME=value."),
        StringComparer.Ordinal);
}
