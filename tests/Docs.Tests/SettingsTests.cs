using System.Reflection;
using System.Text.RegularExpressions;
using ServerSession.Core;

namespace ServerSession.Tests;

/// <summary>Each public option has its key among the known ones and its row in the README's table.</summary>
public sealed partial class SettingsTests
{
    private static readonly HashSet<string> Rows =
    [
        .. File.ReadLines(Path.Combine(AppContext.BaseDirectory, "pages", "README.md"))
            .Where(static line => line.StartsWith("| `", StringComparison.Ordinal))
            .SelectMany(static line => Key().Matches(line.Split(" | ")[0]))
            .Select(static match => match.Groups["key"].Value),
    ];

    public static TheoryData<string> Settings =>
        [.. Of(typeof(ServerSessionOptions), "").Concat(Of(typeof(SessionGrainOptions), "")).Distinct().Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Settings))]
    public void Option_has_a_row_in_the_readme(string setting) => Assert.Contains(setting, Rows);

    [Theory]
    [MemberData(nameof(Settings))]
    public void Option_is_a_known_setting(string setting) => Assert.True(KnownSettings.Has(setting), $"KnownSettings has no {setting}: frontends and silos would refuse it.");

    [Fact]
    public void Known_setting_has_a_row_in_the_readme() => Assert.Empty(KnownSettings.OfFrontends.Concat(KnownSettings.OfSilos).Concat(KnownSettings.OfHosts)
        .Select(static key => key.EndsWith(':') ? key + "0" : key)
        .Except(Rows));

    [Fact]
    public void Option_of_silos_and_no_other_is_marked_as_one_in_the_readme()
    {
        var marked = File.ReadLines(Path.Combine(AppContext.BaseDirectory, "pages", "README.md"))
            .Where(static line => line.StartsWith("| `", StringComparison.Ordinal) && line.Split(" | ")[0].EndsWith('²'))
            .Select(static line => Key().Match(line).Groups["key"].Value);

        Assert.Equal(Of(typeof(SessionGrainOptions), "").Order(StringComparer.Ordinal), marked.Order(StringComparer.Ordinal));
    }

    private static IEnumerable<string> Of(Type options, string prefix) => options
        .GetProperties(BindingFlags.Public | BindingFlags.Instance)
        .SelectMany(property => property.PropertyType is { IsClass: true, Namespace: nameof(ServerSession) } part ? Of(part, $"{prefix}{property.Name}:")
            : typeof(IList<string>).IsAssignableFrom(property.PropertyType) ? [$"{prefix}{property.Name}:0"]
            : property.CanWrite ? [prefix + property.Name]
            : Array.Empty<string>());

    [GeneratedRegex("`(?<key>[^`]+)`")]
    private static partial Regex Key();
}
