using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace ServerSession.Tests;

/// <summary>The name of a test method: <c>Method_state_outcome</c>, as CONTRIBUTING.md says it.</summary>
public sealed partial record TestName(string Source, string Class, string Method, IReadOnlySet<string> Identifiers)
{
    // Every other word after the first is written in lower case.
    private static readonly HashSet<string> ProperNames =
    [
        "AdoNet", "Azure", "Chromium", "Kestrel", "Kubernetes", "Orleans", "PostgreSQL", "Redis", "SameSite", "SHA256", "SignalR", "SQLite", "Unicode",
        "AddServerSession", "AddSession", "UseOrleans", "UseRouting", "UseServerSession", "UseSession",
    ];

    private static readonly HashSet<string> NoActs = ["A", "An", "The", "All", "Any", "Each", "Every", "Many", "No", "One", "Some", "Two"];

    public override string ToString() => $"{Source}: {Class}.{Method}";

    /// <summary>Every test method in a folder of sources, the shared ones of a conformance suite included.</summary>
    public static IEnumerable<TestName> In(string folder) => Directory.EnumerateFiles(folder, "*.cs", SearchOption.AllDirectories)
        .Order(StringComparer.Ordinal)
        .SelectMany(file => Of(Path.GetRelativePath(folder, file), File.ReadAllText(file)));

    public static IEnumerable<TestName> Of(string source, string text)
    {
        var root = CSharpSyntaxTree.ParseText(text).GetRoot();
        var tests = root.DescendantNodes().OfType<MethodDeclarationSyntax>().Where(IsATest).ToArray();
        if (tests.Length == 0)
        {
            return [];
        }

        var identifiers = root.DescendantNodes().OfType<SimpleNameSyntax>().Select(static name => name.Identifier.Text).ToHashSet();
        return tests.Select(test => new TestName(source, ((TypeDeclarationSyntax)test.Parent!).Identifier.Text, test.Identifier.Text, identifiers));
    }

    /// <summary>What is wrong with the name, or null.</summary>
    public string? Fault()
    {
        var words = Method.Split('_');
        return !Form().IsMatch(Method) ? "is not made of three or more words with underscores"
            : NoActs.Contains(words[0]) ? $"begins with '{words[0]}' instead of the method or the act"
            : Compound().IsMatch(words[0]) && !ProperNames.Contains(words[0]) && !Identifiers.Contains(words[0]) ? $"begins with '{words[0]}', which its file does not use"
            : Participle().IsMatch(words[0]) && !Identifiers.Contains(words[0]) ? $"begins with the state '{words[0]}' instead of the method or the act"
            : words.Skip(1).FirstOrDefault(static word => word.Any(char.IsUpper) && !ProperNames.Contains(word)) is { } cased ? $"has the word '{cased}' not in lower case"
            : words.Skip(1).FirstOrDefault(static word => ProperNames.Any(name => name != word && name.Equals(word, StringComparison.OrdinalIgnoreCase))) is { } name
                ? $"spells the proper name '{name}' in another way"
            : !Class.EndsWith("Tests", StringComparison.Ordinal) && !Class.EndsWith("Conformance", StringComparison.Ordinal) ? "is in a class whose name does not end with 'Tests'"
            : null;
    }

    private static bool IsATest(MethodDeclarationSyntax method) => method.AttributeLists.SelectMany(static list => list.Attributes)
        .Any(static attribute => attribute.Name.ToString() is var name && (name.EndsWith("Fact", StringComparison.Ordinal) || name.EndsWith("Theory", StringComparison.Ordinal)));

    [GeneratedRegex("^[A-Z][A-Za-z0-9]*(_[A-Za-z0-9]+){2,}$")]
    private static partial Regex Form();

    [GeneratedRegex("[a-z0-9][A-Z]")]
    private static partial Regex Compound();

    [GeneratedRegex("[^e]ed$")]
    private static partial Regex Participle();
}
