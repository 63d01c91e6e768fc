using System.Reflection;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.Extensions.Logging;

namespace ServerSession.Tests.Observability;

/// <summary>A log event of the product: what its attribute says, and where its source stands.</summary>
internal sealed record LoggedEvent(int Id, string? Name, LogLevel Level, string Message, string Path)
{
    /// <summary>The first cells of the event's row in docs/observability.md.</summary>
    public string Row => $"| {Id} | `{Name}` | {Level} | {Message} |";

    public static IReadOnlyList<LoggedEvent> All()
    {
        var paths = Paths();
        return
        [
            .. from assembly in ProductAssemblies.All
               from type in assembly.GetTypes()
               from method in type.GetMethods(BindingFlags.Static | BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly)
               let written = method.GetCustomAttribute<LoggerMessageAttribute>()
               where written is not null
               orderby written.EventId
               select new LoggedEvent(written.EventId, written.EventName, written.Level, written.Message, paths[$"{type.Name}.{method.Name}"]),
        ];
    }

    private static Dictionary<string, string> Paths() => (
        from source in ProductAssemblies.Sources()
        where source.Text.Contains("[LoggerMessage(", StringComparison.Ordinal)
        from method in CSharpSyntaxTree.ParseText(source.Text).GetRoot().DescendantNodes().OfType<MethodDeclarationSyntax>()
        where method.AttributeLists.SelectMany(static list => list.Attributes).Any(static attribute => attribute.Name.ToString() == "LoggerMessage")
        select (Name: $"{((TypeDeclarationSyntax)method.Parent!).Identifier.Text}.{method.Identifier.Text}", source.Path))
        .ToDictionary(static found => found.Name, static found => found.Path);
}
