using System.Globalization;

namespace ServerSession.Tests;

/// <summary>
/// The arguments of a command and its <c>--name value</c> pairs. What the command does not know is refused: a measurement with a misspelt option
/// would look like one of something else.
/// </summary>
public sealed class Arguments
{
    private readonly string _command;
    private readonly List<string> _arguments = [];
    private readonly Dictionary<string, string> _options = new(StringComparer.Ordinal);

    /// <exception cref="UsageException">There is an unknown option, one without its value, or an argument too many.</exception>
    public Arguments(string command, IEnumerable<string> args, string[] options, int arguments = 0)
    {
        _command = command;
        string? name = null;
        foreach (var arg in args)
        {
            var isOption = arg.StartsWith("--", StringComparison.Ordinal);
            if (name is not null)
            {
                _options[name] = isOption ? throw NoValue(name) : arg;
                name = null;
            }
            else if (isOption)
            {
                name = options.Contains(arg[2..])
                    ? arg[2..]
                    : throw new UsageException($"'{command}' has no option '{arg}'. It has: {string.Join(", ", options.Select(static known => $"--{known}"))}.");
            }
            else if (_arguments.Count < arguments)
            {
                _arguments.Add(arg);
            }
            else
            {
                throw new UsageException($"'{command}' does not know what to do with '{arg}'. Its options are: {string.Join(", ", options.Select(static known => $"--{known}"))}.");
            }
        }

        if (name is not null)
        {
            throw NoValue(name);
        }
    }

    /// <exception cref="UsageException">It is missing.</exception>
    public string Argument(int index) => index < _arguments.Count ? _arguments[index] : throw new UsageException($"'{_command}' lacks an argument.");

    public string? Text(string name) => _options.GetValueOrDefault(name);

    /// <exception cref="UsageException">It is no number.</exception>
    public int Number(string name, int otherwise) => Text(name) is { } text ? NumberOf(name, text) : otherwise;

    /// <exception cref="UsageException">One of them is no number.</exception>
    public int[] Numbers(string name, string otherwise) => [.. List(name, otherwise).Select(text => NumberOf(name, text))];

    public string[] List(string name, string otherwise = "") =>
        (Text(name) ?? otherwise).Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    /// <summary>The names in a list, each of which has to be one of the known ones; all of these where the option is absent.</summary>
    /// <exception cref="UsageException">One of them is not known.</exception>
    public string[] Choices(string name, string[] known)
    {
        var chosen = Text(name) is null ? known : List(name);
        return chosen.FirstOrDefault(one => !known.Contains(one)) is { } unknown
            ? throw new UsageException($"--{name} has no '{unknown}'. It has: {string.Join(", ", known)}.")
            : chosen;
    }

    private static int NumberOf(string name, string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw new UsageException($"--{name} is '{text}'; it must be a whole number.");

    private static UsageException NoValue(string name) => new($"--{name} has no value.");
}
