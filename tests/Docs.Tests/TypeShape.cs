using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace ServerSession.Tests;

/// <summary>A type of the product's sources with all its parts: a reader has to hold all of them in mind.</summary>
public sealed record TypeShape(string Name, IReadOnlyList<string> Files, int Lines, bool IsPartial)
{
    // What a source generator completes.
    private static readonly string[] Generating = ["LoggerMessage", "JsonSourceGenerationOptions", "GeneratedRegex", "LibraryImport"];

    /// <summary>The types of a project, by the folder of its sources; nested ones count with the type around them.</summary>
    public static IEnumerable<TypeShape> In(string folder) => Of(Directory.EnumerateFiles(folder, "*.cs", SearchOption.AllDirectories)
        .Select(file => (Path.GetRelativePath(folder, file), File.ReadAllText(file))));

    public static IEnumerable<TypeShape> Of(IEnumerable<(string Path, string Text)> sources) => sources
        .SelectMany(static source => CSharpSyntaxTree.ParseText(source.Text).GetRoot().DescendantNodes()
            .OfType<TypeDeclarationSyntax>()
            .Where(static type => type.Parent is not TypeDeclarationSyntax)
            .Select(type => (source.Path, Type: type)))
        .GroupBy(static part => $"{part.Type.Identifier.Text}`{part.Type.TypeParameterList?.Parameters.Count ?? 0}")
        .Select(static parts => new TypeShape(
            parts.Key,
            [.. parts.Select(static part => part.Path).Order(StringComparer.Ordinal)],
            parts.Sum(static part => LinesOf(part.Type)),
            parts.Any(static part => part.Type.Modifiers.Any(static modifier => modifier.IsKind(SyntaxKind.PartialKeyword)) && !IsCompletedByAGenerator(part.Type))));

    /// <summary>What is wrong with the type, or null.</summary>
    public string? Fault(int mostLines)
    {
        var written = Files.Where(static file => !file.EndsWith(".Log.cs", StringComparison.Ordinal)).ToArray();
        return written.Length > 1 ? $"{Name} stands in {string.Join(", ", written)}: compose it of classes instead of parts"
            : IsPartial && Files.Count == 1 ? $"{Name} is partial, and no generator completes it"
            : Lines > mostLines ? $"{Name} has {Lines} lines; compose it of classes of {mostLines} at most"
            : null;
    }

    private static int LinesOf(TypeDeclarationSyntax type)
    {
        var lines = type.SyntaxTree.GetLineSpan(type.FullSpan);
        return lines.EndLinePosition.Line - lines.StartLinePosition.Line;
    }

    private static bool IsCompletedByAGenerator(TypeDeclarationSyntax type) => type.DescendantNodes().OfType<AttributeSyntax>()
        .Any(static attribute => Generating.Contains(attribute.Name.ToString()));
}
