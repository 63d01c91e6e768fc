using System.Globalization;
using System.Reflection;
using System.Text.RegularExpressions;

namespace ServerSession.Tests.Observability;

/// <summary>docs/observability.md has a row for each metric, log event and source of traces, and no other; their names and numbers follow one form.</summary>
public sealed partial class ObservabilityPageTests
{
    private static readonly string Page = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "pages", "observability.md"));

    private static readonly IReadOnlyList<MeasuredInstrument> Instruments = MeasuredInstrument.All();

    private static readonly IReadOnlyList<LoggedEvent> Events = LoggedEvent.All();

    [Fact]
    public void Metrics_each_have_one_row_with_kind_unit_and_tags_below_their_meter()
    {
        var rows = Page.Split("\n### ").Skip(1)
            .Select(static section => (Meter: section.Split('`')[1], Text: section))
            .SelectMany(static section => Lines(section.Text, "| `server_session.").Select(row => $"{section.Meter}: {Cells(row, 4)}"));

        Same(Instruments.Select(static instrument => $"{instrument.Instrument.Meter.Name}: {instrument.Row}"), rows);
    }

    [Fact]
    public void Metrics_have_one_prefix_snake_case_tags_and_a_description() => Assert.All(Instruments, static instrument =>
    {
        Assert.Matches(@"^server_session(\.[a-z][a-z_]*)+$", instrument.Instrument.Name);
        Assert.All(instrument.Tags.Keys, static tag => Assert.Matches(@"^[a-z][a-z_.]*$", tag));
        Assert.All(instrument.Tags.Values.SelectMany(static values => values), static value => Assert.Matches("^[a-z0-9_]+$", value));
        Assert.EndsWith(".", instrument.Instrument.Description);
    });

    [Fact]
    public void Metrics_that_are_histograms_say_their_bounds() => Assert.All(Instruments.Where(static instrument => instrument.IsHistogram), static instrument =>
        Assert.NotNull(instrument.Instrument.GetType().GetProperty("Advice")!.GetValue(instrument.Instrument)));

    [Fact]
    public void Instruments_are_made_in_classes_that_are_called_metrics()
    {
        Assert.All(MeasuredInstrument.Classes(), static type => Assert.EndsWith("Metrics", type.Name));
        Assert.All(
            ProductAssemblies.Sources().Where(static source => Creation().IsMatch(source.Text)),
            static source => Assert.EndsWith("Metrics.cs", source.Path));
    }

    [Fact]
    public void Alarms_are_about_metrics_that_are_there() => Assert.All(
        Name().Matches(Page).Select(static match => match.Value),
        static name => Assert.Contains(Instruments, instrument => instrument.Instrument.Name == name));

    [Fact]
    public void Events_each_have_one_row_with_level_and_message() =>
        Same(Events.Select(static logged => logged.Row), Page.Split('\n').Where(static line => EventRow().IsMatch(line)).Select(static line => Cells(line, 4)));

    [Fact]
    public void Events_say_what_to_do() => Assert.All(
        Page.Split('\n').Where(static line => EventRow().IsMatch(line)),
        static line => Assert.True(line.Split(" | ")[^1].Length > 5, line));

    [Fact]
    public void Events_have_numbers_and_names_of_their_own()
    {
        Assert.Equal(Events.Count, Events.Select(static logged => logged.Id).Distinct().Count());
        Assert.Equal(Events.Count, Events.Select(static logged => logged.Name).Distinct().Count());
        Assert.All(Events, static logged => Assert.EndsWith("Log.cs", logged.Path));
    }

    [Fact]
    public void Events_have_numbers_in_the_range_of_their_folder()
    {
        var ranges = RangeRow().Matches(Page)
            .Select(static match => (From: Number(match, "from"), To: Number(match, "to"), Folder: match.Groups["folder"].Value + "/"))
            .ToArray();

        Assert.All(ranges, range => Assert.DoesNotContain(ranges, other => other != range && other.From <= range.To && range.From <= other.To));
        Assert.All(Events, logged => Assert.True(
            ranges.Any(range => logged.Id >= range.From && logged.Id <= range.To && logged.Path.StartsWith(range.Folder, StringComparison.Ordinal)),
            $"{logged.Id} {logged.Name} of {logged.Path} is not in a range of its folder."));
        Assert.All(ranges, range => Assert.Contains(Events, logged => logged.Id >= range.From && logged.Id <= range.To));
    }

    [Theory]
    [InlineData("Sources", "Activities")]
    [InlineData("Meters", "Other meters")]
    public void Telemetry_of_the_hosts_has_a_row_for_each_name(string field, string section)
    {
        var collected = (string[])typeof(Hosting.ServiceDefaultsExtensions).Assembly.GetType("ServerSession.Hosting.TelemetryDefaults", throwOnError: true)!
            .GetField(field, BindingFlags.Static | BindingFlags.NonPublic)!.GetValue(null)!;
        var text = Page.Split($"\n## {section}\n")[1].Split("\n## ")[0];

        Same(collected.Where(static name => !name.StartsWith("ServerSession", StringComparison.Ordinal)), Lines(text, "| `").Select(static row => row.Split('`')[1]));
    }

    [Fact]
    public void Product_has_no_source_of_activities_that_the_page_does_not_name() =>
        Assert.DoesNotContain(ProductAssemblies.Sources(), static source => source.Text.Contains("new ActivitySource(", StringComparison.Ordinal));

    /// <summary>Fails with the rows that are missing and those that are too many.</summary>
    private static void Same(IEnumerable<string> expected, IEnumerable<string> actual)
    {
        string[] there = [.. actual];
        string[] wanted = [.. expected];
        Assert.True(wanted.Length > 2);
        string[] faults = [.. wanted.Except(there).Select(static row => $"missing: {row}"), .. there.Except(wanted).Select(static row => $"superfluous: {row}")];
        Assert.True(faults.Length == 0, string.Join('\n', faults));
        Assert.Equal(wanted.Length, there.Length);
    }

    private static IEnumerable<string> Lines(string text, string start) => text.Split('\n').Where(line => line.StartsWith(start, StringComparison.Ordinal));

    /// <summary>The first cells of a row.</summary>
    private static string Cells(string row, int count)
    {
        var end = 0;
        for (var cell = 0; cell < count; cell++)
        {
            end = row.IndexOf(" |", end + 1, StringComparison.Ordinal);
        }

        return row[..(end + 2)];
    }

    private static int Number(Match match, string group) => int.Parse(match.Groups[group].Value, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"^\| \d{4} \| `", RegexOptions.Multiline)]
    private static partial Regex EventRow();

    [GeneratedRegex(@"^\| (?<from>\d{4}) to (?<to>\d{4}) \| `(?<folder>src/[\w./]+)` \|", RegexOptions.Multiline)]
    private static partial Regex RangeRow();

    [GeneratedRegex(@"\bserver_session\.[a-z_.]*[a-z]")]
    private static partial Regex Name();

    [GeneratedRegex(@"\.Create(Observable)?(Counter|UpDownCounter|Histogram|Gauge)\b|\bnew Meter\(")]
    private static partial Regex Creation();
}
