namespace ServerSession.Tests;

/// <summary>The file that makes the image of a host.</summary>
internal sealed class Dockerfile
{
    private Dockerfile(IReadOnlyList<(string Instruction, string Text)> lines) => Lines = lines;

    /// <summary>The instructions, continued lines joined.</summary>
    public IReadOnlyList<(string Instruction, string Text)> Lines { get; }

    /// <summary>What the image itself sets: the <c>ENV</c> lines of its last stage.</summary>
    public IReadOnlyDictionary<string, string> Variables => Lines.Skip(Lines.ToList().FindLastIndex(static line => line.Instruction == "FROM"))
        .Where(static line => line.Instruction == "ENV")
        .SelectMany(static line => line.Text.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        .Select(static pair => pair.Split('=', 2))
        .ToDictionary(static pair => pair[0], static pair => pair[1]);

    /// <param name="name"><c>silo</c> or <c>webhost</c>.</param>
    public static Dockerfile Read(string name) => new(
    [
        .. DeployFiles.Read($"containers/{name}.Dockerfile").Replace("\\\n", " ", StringComparison.Ordinal).Split('\n')
            .Where(static line => line.Length > 0 && line[0] != '#')
            .Select(static line => (line[..line.IndexOf(' ', StringComparison.Ordinal)], line[(line.IndexOf(' ', StringComparison.Ordinal) + 1)..])),
    ]);
}
