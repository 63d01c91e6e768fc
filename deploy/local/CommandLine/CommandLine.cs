using System.Globalization;

namespace ServerSession.LocalCluster;

/// <summary>What stands on the command line, read but not yet judged.</summary>
public sealed class CommandLine
{
    private readonly Dictionary<string, List<string>> _options = new(StringComparer.Ordinal);

    private CommandLine()
    {
    }

    public string Verb { get; private set; } = "help";

    /// <summary>Gets what follows the verb and is no option, for example <c>silo</c> and <c>1</c>.</summary>
    public List<string> Operands { get; } = [];

    public string Directory => Value("--dir") ?? ProcessClusterOptions.DefaultDirectory;

    public bool HasDirectory => _options.ContainsKey("--dir");

    /// <exception cref="LocalClusterException">An option is not known to the verb, or lacks its value.</exception>
    public static CommandLine Parse(IReadOnlyList<string> arguments)
    {
        var line = new CommandLine();
        var words = new Queue<string>(arguments);
        while (words.TryDequeue(out var word))
        {
            if (!word.StartsWith("--", StringComparison.Ordinal))
            {
                if (line.Operands.Count == 0 && line.Verb == "help")
                {
                    line.Verb = word;
                }
                else
                {
                    line.Operands.Add(word);
                }

                continue;
            }

            var equals = word.IndexOf('=', StringComparison.Ordinal);
            var name = equals < 0 ? word : word[..equals];
            if (name is "--help" or "--cohosted" && equals < 0)
            {
                line.Add(name, "true");
            }
            else if (name is "--dir" or "--sessions" or "--seconds" or "--silos" or "--webhosts" or "--storage" or "--set" or "--environment")
            {
                line.Add(name, equals >= 0 ? word[(equals + 1)..] : words.TryDequeue(out var value) ? value : throw Usage($"{name} needs a value."));
            }
            else
            {
                throw Usage($"{word} is no option.");
            }
        }

        if (line._options.ContainsKey("--help"))
        {
            line.Verb = "help";
        }
        else if (line._options.Keys.FirstOrDefault(name => name != "--dir" && line.Verb != OwnerOf(name)) is { } stray)
        {
            throw Usage($"{stray} belongs to `{OwnerOf(stray)}`, not to {line.Verb}.");
        }

        return line;
    }

    public static LocalClusterException Usage(string what) => new($"{what} `help` lists what there is.");

    public ProcessClusterOptions ToOptions()
    {
        var storage = Value("--storage") is { } name
            ? Enum.TryParse<StorageKind>(name, ignoreCase: true, out var known) && !int.TryParse(name, NumberStyles.Integer, CultureInfo.InvariantCulture, out _)
                ? known
                : throw Usage($"--storage is '{name}': give redis, postgres, azurite or sqlite.")
            : StorageKind.Redis;
        var cohosted = _options.ContainsKey("--cohosted");
        if (cohosted && _options.ContainsKey("--silos"))
        {
            throw Usage("--cohosted puts a silo into each webhost, so that there are as many silos as --webhosts: leave --silos out.");
        }

        // One is all that this storage allows: it is also what it starts where nothing is said.
        var single = storage == StorageKind.Sqlite;
        return new ProcessClusterOptions
        {
            Storage = storage,
            Cohosted = cohosted,
            Silos = Number("--silos") ?? (single ? 1 : 3),
            WebHosts = Number("--webhosts") ?? (single && cohosted ? 1 : 2),
            Environment = Value("--environment") ?? "Development",
            Settings = Settings(),
        };
    }

    /// <summary>A whole number from an option.</summary>
    public int Number(string name, int defaultNumber) => Number(name) ?? defaultNumber;

    private static string OwnerOf(string option) => option is "--sessions" or "--seconds" ? "outage" : "up";

    private Dictionary<string, string> Settings()
    {
        var settings = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var setting in _options.GetValueOrDefault("--set") ?? [])
        {
            var equals = setting.IndexOf('=', StringComparison.Ordinal);
            if (equals <= 0)
            {
                throw Usage($"--set '{setting}': give a key and a value, for example --set ServerSession:IdleTimeout=00:05:00.");
            }

            settings[setting[..equals].Replace("__", ":", StringComparison.Ordinal)] = setting[(equals + 1)..];
        }

        return settings;
    }

    private int? Number(string name) => Value(name) is { } text
        ? int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : throw Usage($"{name} is '{text}': give a number.")
        : null;

    private string? Value(string name) => _options.GetValueOrDefault(name)?[^1];

    private void Add(string name, string value)
    {
        if (!_options.TryGetValue(name, out var values))
        {
            _options[name] = values = [];
        }

        values.Add(value);
    }
}
