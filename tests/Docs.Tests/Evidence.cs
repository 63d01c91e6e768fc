using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace ServerSession.Tests;

/// <summary>A test that a page names as the proof of what it says: <c>[`Class.Method`](../tests/…/Class.cs)</c>.</summary>
public sealed partial record Evidence(string Class, string Method, string Source)
{
    private static readonly string Sources = Path.Combine(AppContext.BaseDirectory, "sources");

    public override string ToString() => $"{Class}.{Method} in {Source}";

    public static IEnumerable<Evidence> In(string text) =>
        from Match link in Link().Matches(text)
        select new Evidence(link.Groups["class"].Value, link.Groups["method"].Value, link.Groups["source"].Value);

    /// <summary>How often a page says `…Tests.…`, linked or not.</summary>
    public static int MentionsIn(string text) => Mention().Count(text);

    /// <summary>Whether the source has that method in that class, and it is a test.</summary>
    public bool IsATest()
    {
        var path = Path.Combine(Sources, Source);
        return File.Exists(path) && CSharpSyntaxTree.ParseText(File.ReadAllText(path)).GetRoot()
            .DescendantNodes().OfType<ClassDeclarationSyntax>().Where(type => type.Identifier.Text == Class)
            .SelectMany(static type => type.Members.OfType<MethodDeclarationSyntax>())
            .Any(method => method.Identifier.Text == Method && HasTestAttribute(method));
    }

    private static bool HasTestAttribute(MethodDeclarationSyntax method) =>
        method.AttributeLists.SelectMany(static list => list.Attributes).Any(static attribute => attribute.Name.ToString() is "Fact" or "Theory");

    [GeneratedRegex(@"\[`(?<class>\w+)\.(?<method>\w+)`\]\(\.\./(?<source>tests/[\w./]+\.cs)\)")]
    private static partial Regex Link();

    [GeneratedRegex(@"`\w+Tests\.\w+`")]
    private static partial Regex Mention();
}
