using System.Text.RegularExpressions;

namespace ServerSession.Tests;

/// <summary>docs/architecture.md names files and folders that are there, and all folders of the web tier.</summary>
public sealed partial class ArchitecturePageTests
{
    private static readonly string Sources = Path.Combine(AppContext.BaseDirectory, "sources", "src");
    private static readonly string Page = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "pages", "architecture.md"));

    [Fact]
    public void Way_in_the_web_tier_names_files_that_are_there()
    {
        string[] files = [.. Directory.EnumerateFiles(Path.Combine(Sources, "AspNetCore"), "*.cs", SearchOption.AllDirectories)
            .Select(static file => "/" + Path.GetRelativePath(Path.Combine(Sources, "AspNetCore"), file).Replace('\\', '/'))];
        var named = SourceFile().Matches(Section("A read and a write in the web tier, file by file")).Select(static match => match.Groups["path"].Value).ToArray();

        Assert.True(named.Length > 20);
        Assert.All(named, path => Assert.Contains(files, file => file.EndsWith("/" + path, StringComparison.Ordinal)));
    }

    [Fact]
    public void Way_on_the_silo_names_files_that_are_there()
    {
        var named = Way().Matches(Section("The way of a read and of a write on the silo")).Select(static match => match.Groups["path"].Value).ToArray();

        Assert.True(named.Length > 15);
        Assert.All(named, static path => Assert.True(
            File.Exists(Path.Combine(Sources, path.StartsWith("Core/", StringComparison.Ordinal) ? "" : "Grains", path + ".cs")), $"There is no {path}."));
    }

    [Fact]
    public void Folders_of_the_web_tier_are_each_in_the_table() => Assert.Equal(
        Directory.EnumerateDirectories(Path.Combine(Sources, "AspNetCore")).Where(static folder => Directory.EnumerateFiles(folder, "*.cs").Any()).Select(static folder => Path.GetFileName(folder) + "/").Order(StringComparer.Ordinal),
        Folder().Matches(Section("A read and a write in the web tier, file by file").Split("| Folder |")[1]).Select(static match => match.Groups["path"].Value).Order(StringComparer.Ordinal));

    private static string Section(string title) => Page.Split($"\n## {title}\n")[1].Split("\n## ")[0];

    [GeneratedRegex(@"`(?<path>[\w/]+\.cs)`")]
    private static partial Regex SourceFile();

    [GeneratedRegex(@"`(?<path>(Core/)?[A-Z]\w+/[A-Z]\w+)`")]
    private static partial Regex Way();

    [GeneratedRegex(@"`(?<path>\w+/)`")]
    private static partial Regex Folder();
}
