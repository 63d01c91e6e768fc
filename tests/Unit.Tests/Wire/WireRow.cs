namespace ServerSession.Tests.Wire;

/// <summary>A row of <c>GoldenMessages.txt</c>: a message, what it says, and the bytes in which a build has written it.</summary>
/// <param name="Name">The message. Several rows may have one name: the last one is what this build writes, the others what earlier builds wrote.</param>
/// <param name="Values">What it says, as <see cref="WireText"/> writes it.</param>
/// <param name="Bytes">The bytes in base64.</param>
internal sealed record WireRow(string Name, string Values, string Bytes)
{
    public const string File = "tests/Unit.Tests/Wire/GoldenMessages.txt";

    public static IReadOnlyList<WireRow> Committed()
    {
        using var reader = new StreamReader(typeof(WireRow).Assembly.GetManifestResourceStream("GoldenMessages.txt")!);
        return [.. reader.ReadToEnd().ReplaceLineEndings("\n").Split("\n\n", StringSplitOptions.RemoveEmptyEntries)
            .Where(static block => !block.StartsWith('#'))
            .Select(static block => block.Trim('\n').Split('\n'))
            .Select(static lines => new WireRow(lines[0], lines[1], lines[2]))];
    }

    public override string ToString() => $"{Name}\n{Values}\n{Bytes}\n";
}
