using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace ServerSession.Tests;

/// <summary>A test that a page names as the proof of what it says: <c>[`Class.Method`](../tests/…/Class.cs)</c>.</summary>
/// <param name="Class">The class.</param>
/// <param name="Method">The test.</param>
/// <param name="Source">The file, from the root of the repository.</param>
/// <param name="SaidToRunByCommand">Whether the page says "by command" of it: between the test that it names before, or the end of the sentence before, and this one.</param>
public sealed partial record Evidence(string Class, string Method, string Source, bool SaidToRunByCommand)
{
    private static readonly string Sources = Path.Combine(AppContext.BaseDirectory, "sources");

    public override string ToString() => $"{Class}.{Method} in {Source}";

    public static IEnumerable<Evidence> In(string text)
    {
        var end = 0;
        foreach (Match link in Link().Matches(text))
        {
            var before = text[end..link.Index];
            var sentence = before[(Math.Max(before.LastIndexOf(". ", StringComparison.Ordinal), before.LastIndexOf(".\n", StringComparison.Ordinal)) + 1)..];
            end = link.Index + link.Length;
            yield return new(
                link.Groups["class"].Value, link.Groups["method"].Value, link.Groups["source"].Value, ByCommand().IsMatch(sentence));
        }
    }

    /// <summary>How often a page says `…Tests.…`, linked or not.</summary>
    public static int MentionsIn(string text) => Mention().Count(text);

    /// <summary>Whether the source has that method in that class, and it is a test.</summary>
    public bool IsATest() => Test() is not null;

    /// <summary>Whether the test is left out of a run of all tests: it is explicit, all of its cases are, or it is skipped.</summary>
    public bool RunsByCommandOnly()
    {
        AttributeSyntax[] attributes = Test() is { } test ? [.. Attributes(test)] : [];
        var cases = attributes.Where(static attribute => attribute.Name.ToString() is "InlineData" or "MemberData" or "ClassData").ToArray();
        return attributes.Any(static attribute => IsTest(attribute) && IsLeftOut(attribute)) || (cases.Length > 0 && cases.All(IsLeftOut));
    }

    private static bool IsLeftOut(AttributeSyntax attribute)
    {
        var named = (attribute.ArgumentList?.Arguments ?? []).Where(static argument => argument.NameEquals is not null)
            .ToDictionary(static argument => argument.NameEquals!.Name.Identifier.Text, static argument => argument.Expression.ToString());
        return named.GetValueOrDefault("Explicit") == "true" || (named.ContainsKey("Skip") && !named.ContainsKey("SkipWhen") && !named.ContainsKey("SkipUnless"));
    }

    private static bool IsTest(AttributeSyntax attribute) => attribute.Name.ToString() is "Fact" or "Theory";

    private static IEnumerable<AttributeSyntax> Attributes(MethodDeclarationSyntax method) => method.AttributeLists.SelectMany(static list => list.Attributes);

    private MethodDeclarationSyntax? Test()
    {
        var path = Path.Combine(Sources, Source);
        return !File.Exists(path) ? null : CSharpSyntaxTree.ParseText(File.ReadAllText(path)).GetRoot()
            .DescendantNodes().OfType<ClassDeclarationSyntax>().Where(type => type.Identifier.Text == Class)
            .SelectMany(static type => type.Members.OfType<MethodDeclarationSyntax>())
            .FirstOrDefault(method => method.Identifier.Text == Method && Attributes(method).Any(IsTest));
    }

    [GeneratedRegex(@"\[`(?<class>\w+)\.(?<method>\w+)`\]\(\.\./(?<source>tests/[\w./]+\.cs)\)")]
    private static partial Regex Link();

    [GeneratedRegex(@"\bby\s+command\b", RegexOptions.IgnoreCase)]
    private static partial Regex ByCommand();

    [GeneratedRegex(@"`\w+Tests\.\w+`")]
    private static partial Regex Mention();
}
