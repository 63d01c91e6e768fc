using System.Reflection;
using System.Text.RegularExpressions;
using ServerSession.Core;
using ServerSession.Hosting;
using ServerSession.Storage;

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

    /// <summary>The options, and where they stand below <c>ServerSession:</c>.</summary>
    private static readonly (Type Options, string Prefix)[] Read =
    [
        (typeof(ServerSessionOptions), ""), (typeof(SessionGrainOptions), ""), (typeof(DrainOptions), ""), (typeof(SessionSiloOptions), ""),
        (typeof(SessionClientOptions), ""), (typeof(SessionTlsOptions), "Tls:"), (typeof(ServerSessionTicketOptions), "Tickets:"), (typeof(ServerSessionJsonOptions), "Json:"),
    ];

    /// <summary>What no key under <c>ServerSession</c> sets, and why.</summary>
    private static readonly Dictionary<string, string> CodeOnly = new()
    {
        ["DrainOptions.ConfigurationFaults"] = "what its reader tells its validator",
        ["SessionTlsOptions.ConfigurationFaults"] = "what its reader tells its validator",
        ["SessionSiloOptions.KeepsFile"] = "follows Orleans:GrainStorage:sessions:ProviderType",
        ["SessionClientOptions.ClusteringProvider"] = "is Orleans:Clustering:ProviderType",
        ["SessionClientOptions.IsDevelopment"] = "is the host's environment",
        ["ServerSessionTicketOptions.AbsoluteLifetime"] = "belongs to one cookie scheme, which AddTickets names in code",
        ["ServerSessionTicketOptions.Subject"] = "is a function",
        ["ServerSessionTicketOptions.Label"] = "is a function",
        ["SqliteGrainStorageOptions.GrainStorageSerializer"] = "is an object; SerializerKey names a registered one",
    };

    private static readonly string[] SqliteReaders = ["Options/SqliteGrainStorageConfiguration.cs", "Hosting/SqliteGrainStorageProviderBuilder.cs"];

    public static TheoryData<string> Settings => [.. Read.SelectMany(static read => Of(read.Options, read.Prefix)).Distinct().Order(StringComparer.Ordinal)];

    public static TheoryData<string> SettingsOfSqlite => [.. Of(typeof(SqliteGrainStorageOptions), "").Append("SerializerKey")];

    [Theory]
    [MemberData(nameof(Settings))]
    public void Option_has_a_row_in_the_readme(string setting) => Assert.Contains(setting, Rows);

    [Theory]
    [MemberData(nameof(Settings))]
    public void Option_is_a_known_setting(string setting) => Assert.True(KnownSettings.Has(setting), $"KnownSettings has no {setting}: frontends and silos would refuse it.");

    /// <summary>OptionsTests of the storage shows that each of them is read and checked.</summary>
    [Theory]
    [MemberData(nameof(SettingsOfSqlite))]
    public void Option_of_the_SQLite_storage_has_a_row_on_its_page_and_a_reader(string setting)
    {
        Assert.Contains(File.ReadLines(Path.Combine(AppContext.BaseDirectory, "pages", "storage-sqlite.md")), line => line.StartsWith($"| `{setting}`", StringComparison.Ordinal));
        Assert.Contains(
            SqliteReaders,
            file => File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "sources", "src", "Storage.Sqlite", file)).Contains($"\"{setting}\"", StringComparison.Ordinal));
    }

    [Fact]
    public void Option_of_code_alone_is_a_property_and_no_known_setting()
    {
        var all = Read.Select(static read => read.Options).Append(typeof(SqliteGrainStorageOptions))
            .SelectMany(static options => options.GetProperties().Select(property => $"{options.Name}.{property.Name}"));

        Assert.Empty(CodeOnly.Keys.Except(all));
        Assert.DoesNotContain(Read.SelectMany(static read => read.Options.GetProperties().Where(property => IsCodeOnly(read.Options, property)).Select(property => read.Prefix + property.Name)), KnownSettings.Has);
    }

    [Fact]
    public void Public_options_are_all_walked()
    {
        Type[] walked = [.. Read.Select(static read => read.Options), typeof(SqliteGrainStorageOptions)];
        var found = walked.Select(static options => options.Assembly).Distinct().SelectMany(static assembly => assembly.GetExportedTypes())
            .Where(static type => type is { IsClass: true, IsAbstract: false } && type.Name.EndsWith("Options", StringComparison.Ordinal)).ToArray();

        Assert.True(found.Length >= walked.Length, $"{found.Length} classes of options were found.");
        Assert.Empty(found.Except(walked).Except(walked.SelectMany(static options => options.GetProperties()).Select(static property => property.PropertyType)));
    }

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
        .Where(property => !IsCodeOnly(options, property))
        .SelectMany(property => property.PropertyType is { IsClass: true, Namespace: nameof(ServerSession) } part ? Of(part, $"{prefix}{property.Name}:")
            : typeof(IList<string>).IsAssignableFrom(property.PropertyType) ? [$"{prefix}{property.Name}:0"]
            : property.CanWrite ? [prefix + property.Name]
            : Array.Empty<string>());

    private static bool IsCodeOnly(Type options, PropertyInfo property) => CodeOnly.ContainsKey($"{options.Name}.{property.Name}");

    [GeneratedRegex("`(?<key>[^`]+)`")]
    private static partial Regex Key();
}
