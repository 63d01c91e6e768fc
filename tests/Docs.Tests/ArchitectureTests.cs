using System.Xml.Linq;

namespace ServerSession.Tests;

/// <summary>Which project may reference which, and which tests see a project's internals.</summary>
public sealed class ArchitectureTests
{
    private const int MostFriends = 8;

    private static readonly string Sources = Path.Combine(AppContext.BaseDirectory, "sources", "src");

    /// <summary>Each project with all that it may reference.</summary>
    private static readonly Dictionary<string, string[]> Arrows = new(StringComparer.Ordinal)
    {
        ["Abstractions"] = [],
        ["Core"] = ["Abstractions"],
        ["AspNetCore"] = ["Core"],
        ["Grains"] = ["Core"],
        ["Storage.Sqlite"] = [],
        ["Hosting"] = ["Grains", "Storage.Sqlite"],
        ["Silo"] = ["Hosting"],
        ["WebHost"] = ["AspNetCore", "Hosting"],
        ["Package"] = ["AspNetCore", "Grains", "Storage.Sqlite"],
    };

    /// <summary>The folders with a project; what an earlier build has left of another counts for nothing.</summary>
    public static TheoryData<string> Projects =>
    [
        .. Directory.EnumerateDirectories(Sources)
            .Select(static folder => Path.GetFileName(folder)!)
            .Where(static name => File.Exists(Path.Combine(Sources, name, $"{name}.csproj")))
            .Order(StringComparer.Ordinal),
    ];

    [Theory]
    [MemberData(nameof(Projects))]
    public void References_of_a_project_are_the_arrows_of_the_architecture(string project)
    {
        Assert.True(Arrows.TryGetValue(project, out var allowed), $"src/{project} is not in the table of docs/architecture.md.");
        Assert.Equal(allowed, References(project).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void References_never_lead_from_the_web_tier_to_the_grains_or_back()
    {
        Assert.DoesNotContain("Grains", Reach("AspNetCore"));
        Assert.DoesNotContain("AspNetCore", Reach("Grains"));
        Assert.Empty(Reach("Storage.Sqlite"));
    }

    [Fact]
    public void Packages_of_the_core_are_free_of_http_and_of_the_runtime() => Assert.All(["Abstractions", "Core"], static project =>
    {
        var text = Project(project).ToString();
        Assert.DoesNotContain("Microsoft.Orleans.Runtime", text, StringComparison.Ordinal);
        Assert.DoesNotContain("FrameworkReference", text, StringComparison.Ordinal);
    });

    [Fact]
    public void Friends_are_few_and_all_of_them_are_tests()
    {
        string[] friends = [.. ProjectFiles().SelectMany(file => XDocument.Load(file).Descendants("InternalsVisibleTo").Select(friend => $"{Path.GetFileNameWithoutExtension(file)}: {Include(friend)}"))];
        string[] written = [.. Directory.EnumerateFiles(Path.Combine(AppContext.BaseDirectory, "sources"), "*.cs", SearchOption.AllDirectories)
            .Where(static file => File.ReadAllText(file).Contains("assembly: " + "InternalsVisibleTo", StringComparison.Ordinal))];

        Assert.Empty(written);
        Assert.True(friends.Length is > 0 and <= MostFriends, string.Join('\n', friends));
        Assert.All(friends, static friend => Assert.Matches("\\.(Tests|Benchmarks)$", friend));
    }

    /// <summary>All project files, and the files of properties that are written once for many.</summary>
    private static IEnumerable<string> ProjectFiles() => Directory.EnumerateFiles(Path.Combine(AppContext.BaseDirectory, "sources"), "*.*proj", SearchOption.AllDirectories)
        .Concat(Directory.EnumerateFiles(Path.Combine(AppContext.BaseDirectory, "sources"), "*.props", SearchOption.AllDirectories))
        .Concat(Directory.EnumerateFiles(Path.Combine(AppContext.BaseDirectory, "sources"), "*.targets", SearchOption.AllDirectories));

    private static HashSet<string> Reach(string project) => [.. References(project).SelectMany(static next => Reach(next).Append(next))];

    private static IEnumerable<string> References(string project) =>
        Project(project).Descendants("ProjectReference").Select(static reference => Path.GetFileNameWithoutExtension(Include(reference)));

    private static XDocument Project(string name) => XDocument.Load(Path.Combine(Sources, name, $"{name}.csproj"));

    private static string Include(XElement element) => element.Attribute("Include")!.Value;
}
