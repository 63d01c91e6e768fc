using System.Text.RegularExpressions;

namespace ServerSession.Tests;

/// <summary>The pages for maintainers name files that are there.</summary>
public sealed partial class ArchitectureTests
{
    [Fact]
    public void Page_of_the_architecture_names_only_files_that_exist()
    {
        var named = SourceFile().Matches(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "pages", "architecture.md")))
            .Select(static match => Path.GetFileName(match.Groups[1].Value)).ToHashSet();
        var present = Directory.EnumerateFiles(Path.Combine(AppContext.BaseDirectory, "sources", "src"), "*.cs", SearchOption.AllDirectories)
            .Select(Path.GetFileName).ToHashSet();

        Assert.True(named.Count > 15, $"{named.Count} files are named.");
        Assert.Empty(named.Except(present));
    }

    [GeneratedRegex(@"`([\w./]+\.cs)`")]
    private static partial Regex SourceFile();
}
