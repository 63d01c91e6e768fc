using System.Text.RegularExpressions;

namespace ServerSession.Tests;

/// <summary>The page beside each manifest, which says what to change.</summary>
public sealed partial class PageTests
{
    /// <summary>What a frontend of the Compose file has, to which a page's setting is added.</summary>
    private static readonly Dictionary<string, string> Frontend = new(ComposeFile.Parse(DeployFiles.Read("compose/compose.yaml")).Services["webhost-1"].Environment);

    public static TheoryData<string> Pages => [.. Directory.GetFiles(Path.Combine(DeployFiles.Repository, "deploy"), "README.md", SearchOption.AllDirectories)
        .Where(static path => !path.Contains("node_modules", StringComparison.Ordinal))
        .Select(static path => Path.GetRelativePath(Path.Combine(DeployFiles.Repository, "deploy"), path))
        .Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Pages))]
    public void Setting_on_the_page_is_one_that_the_hosts_know(string page)
    {
        var settings = Setting().Matches(DeployFiles.Read(page));

        Assert.NotEmpty(settings);
        Assert.All(settings, static match =>
        {
            var (name, value) = (match.Groups["name"].Value, match.Groups["value"]);
            var faults = HostSettings.Faults("WebHost", new Dictionary<string, string>(Frontend) { [name] = value.Success ? value.Value : Frontend.GetValueOrDefault(name, "?") });

            // A name without a value may be answered by what it wants; a value has to be right.
            Assert.DoesNotContain(faults, fault => fault.Contains("is no setting", StringComparison.Ordinal) || (value.Success && fault.Contains(BuiltHost.Key(name), StringComparison.Ordinal)));
        });
    }

    [Theory]
    [MemberData(nameof(Pages))]
    public void Link_on_the_page_leads_to_a_file(string page)
    {
        var folder = Path.GetDirectoryName(Path.Combine(DeployFiles.Repository, "deploy", page))!;

        Assert.All(Link().Matches(DeployFiles.Read(page)), match => Assert.True(Path.Exists(Path.Combine(folder, match.Groups["path"].Value)), match.Value));
    }

    [Theory]
    [InlineData("compose/README.md")]
    [InlineData("kubernetes/README.md")]
    public void Another_store_is_explained_where_the_page_sends_its_reader(string page)
    {
        var row = DeployFiles.Read(page).Split('\n').Single(static line => line.Contains("`ProviderType`", StringComparison.Ordinal));
        var path = Link().Matches(row)[^1].Groups["path"].Value;

        var explanation = File.ReadAllText(Path.Combine(DeployFiles.Repository, "deploy", Path.GetDirectoryName(page)!, path));
        Assert.All(["Redis", "AdoNet", "AzureTableStorage", "AzureBlobStorage"], provider => Assert.Contains($"| `{provider}`", explanation, StringComparison.Ordinal));
    }

    [GeneratedRegex(@"(?<name>(?:ServerSession|Orleans)(?:__[A-Za-z0-9]+)+)(?:=(?<value>[^\s`]+))?", RegexOptions.CultureInvariant)]
    private static partial Regex Setting();

    [GeneratedRegex(@"\]\((?!https?:)(?<path>[^)#]+)(?:#[^)]*)?\)", RegexOptions.CultureInvariant)]
    private static partial Regex Link();
}
