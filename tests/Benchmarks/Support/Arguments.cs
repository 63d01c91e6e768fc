using System.Globalization;

namespace ServerSession.Benchmarks.Support;

/// <summary>Arguments and <c>--name value</c> pairs.</summary>
internal sealed class Arguments
{
    private readonly List<string> _arguments = [];
    private readonly Dictionary<string, string> _options = new(StringComparer.Ordinal);

    public Arguments(IEnumerable<string> args)
    {
        string? name = null;
        foreach (var arg in args)
        {
            if (name is not null)
            {
                _options[name] = arg;
                name = null;
            }
            else if (arg.StartsWith("--", StringComparison.Ordinal))
            {
                name = arg[2..];
            }
            else
            {
                _arguments.Add(arg);
            }
        }
    }

    public string Argument(int index) => index < _arguments.Count ? _arguments[index] : throw new ArgumentException("An argument is missing.");

    public string? Text(string name) => _options.GetValueOrDefault(name);

    public int Number(string name, int otherwise) =>
        _options.TryGetValue(name, out var text) ? int.Parse(text, CultureInfo.InvariantCulture) : otherwise;

    public string[] List(string name, string otherwise) =>
        (Text(name) ?? otherwise).Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
}
