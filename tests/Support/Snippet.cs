namespace ServerSession.Tests;

/// <summary>One block of code in a page that claims to compile: its fence says <c>```csharp compile</c>.</summary>
public sealed record Snippet(string Page, int Line, string Code)
{
    private const string Fence = "```";

    public override string ToString() => $"{Page}:{Line}";

    public static IEnumerable<Snippet> All()
    {
        var root = Path.Combine(AppContext.BaseDirectory, "pages");
        return Directory.EnumerateFiles(root, "*.md", SearchOption.AllDirectories)
            .Order(StringComparer.Ordinal)
            .SelectMany(path => Of(Path.GetRelativePath(root, path), File.ReadAllLines(path)));
    }

    public static IEnumerable<Snippet> Of(string page, string[] lines)
    {
        for (var line = 0; line < lines.Length; line++)
        {
            if (lines[line].TrimEnd() == $"{Fence}csharp compile")
            {
                var end = Array.FindIndex(lines, line + 1, static text => text.TrimEnd() == Fence);
                yield return new Snippet(page, line + 2, string.Join('\n', lines[(line + 1)..end]));
                line = end;
            }
        }
    }
}
