using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace ServerSession.Tests;

/// <summary>
/// The rule of the namespaces (CONTRIBUTING.md): what an application writes is in <c>ServerSession</c>, an extension method in the namespace of what it
/// extends, and everything else in the namespace of its project.
/// </summary>
public sealed class NamespaceTests
{
    private const string OfApplications = "ServerSession";

    private static readonly string Sources = Path.Combine(AppContext.BaseDirectory, "sources", "src");

    [Theory]
    [InlineData("Abstractions", "ServerSession", 30)]
    [InlineData("Core", "ServerSession.Core", 25)]
    [InlineData("AspNetCore", "ServerSession.AspNetCore", 100)]
    [InlineData("Grains", "ServerSession.Grains", 80)]
    [InlineData("Hosting", "ServerSession.Hosting", 30)]
    [InlineData("Storage.Sqlite", "ServerSession.Storage", 25)]
    [InlineData("WebHost", "ServerSession.WebHost", 10)]
    public void Namespace_of_a_type_follows_from_its_project_and_from_who_writes_it(string project, string own, int least)
    {
        var folder = Path.Combine(Sources, project);
        var files = Directory.EnumerateFiles(folder, "*.cs", SearchOption.AllDirectories).ToArray();

        Assert.True(files.Length > least, $"{files.Length} files were found.");
        string[] faults = [.. files.SelectMany(file => Faults(project, own, Path.GetRelativePath(folder, file).Replace('\\', '/'), File.ReadAllText(file)))];
        Assert.True(faults.Length == 0, string.Join('\n', faults));
    }

    [Theory]
    [InlineData("Grains", "Sessions/Key.cs", "namespace ServerSession.Grains; internal class Key;", null)]
    [InlineData("Grains", "Sessions/Key.cs", "namespace ServerSession; public class Key;", null)]
    [InlineData("Grains", "Sessions/Key.cs", "namespace Orleans.Hosting; public static class Key;", null)]
    [InlineData("Grains", "Sessions/Key.cs", "namespace ServerSession.Sessions; internal class Key;", "ServerSession.Grains")]
    [InlineData("Grains", "Sessions/Key.cs", "namespace ServerSession; internal class Key;", "ServerSession.Grains")]
    [InlineData("Grains", "Sessions/Key.cs", "namespace ServerSession.Grains; public class Key;", "ServerSession")]
    [InlineData("Grains", "Sessions/Key.cs", "namespace Orleans.Hosting; public class Key;", "ServerSession")]
    [InlineData("Core", "Rules/Key.cs", "namespace ServerSession.Core; public class Key;", null)]
    [InlineData("Core", "Rules/Key.cs", "namespace ServerSession; public class Key;", "ServerSession.Core")]
    [InlineData("Core", "Tokens/Key.cs", "namespace ServerSession; public class Key;", null)]
    public void Fault_of_a_namespace_is_told(string project, string path, string source, string? expected)
    {
        var fault = Faults(project, "ServerSession." + project, path, source).SingleOrDefault();

        Assert.True(expected is null ? fault is null : fault!.EndsWith($" belongs into {expected}", StringComparison.Ordinal), fault);
    }

    private static IEnumerable<string> Faults(string project, string own, string path, string source)
    {
        foreach (var type in CSharpSyntaxTree.ParseText(source).GetRoot().DescendantNodes().OfType<BaseTypeDeclarationSyntax>().Where(static type => type.Parent is BaseNamespaceDeclarationSyntax))
        {
            var stands = ((BaseNamespaceDeclarationSyntax)type.Parent!).Name.ToString();
            var isPublic = type.Modifiers.Any(static modifier => modifier.IsKind(SyntaxKind.PublicKeyword));
            var expected = isPublic && IsWrittenByApplications(project, path) ? OfApplications : own;
            if (stands != expected && !(isPublic && IsOfWhatItExtends(type, stands)))
            {
                yield return $"{type.Identifier.Text} in {path} stands in {stands} and belongs into {expected}";
            }
        }
    }

    /// <summary>Of Core, the tokens alone. The hosts are no library, and the storage knows no session: their public types stand with the others.</summary>
    private static bool IsWrittenByApplications(string project, string path) => project switch
    {
        "Core" => path.StartsWith("Tokens/", StringComparison.Ordinal),
        "Hosting" or "WebHost" or "Storage.Sqlite" => false,
        _ => true,
    };

    /// <summary>Extension methods, and the builder that they extend.</summary>
    private static bool IsOfWhatItExtends(BaseTypeDeclarationSyntax type, string stands) =>
        (stands.StartsWith("Microsoft.", StringComparison.Ordinal) || stands.StartsWith("Orleans.", StringComparison.Ordinal)) &&
        (type.Modifiers.Any(static modifier => modifier.IsKind(SyntaxKind.StaticKeyword)) || (type is InterfaceDeclarationSyntax && type.Identifier.Text.EndsWith("Builder", StringComparison.Ordinal)));
}
