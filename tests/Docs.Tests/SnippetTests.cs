using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace ServerSession.Tests;

/// <summary>The code in README and docs compiles as the Program.cs of a project made with <c>dotnet new web</c>.</summary>
public sealed class SnippetTests
{
    private const string ImplicitUsings = """
        global using System;
        global using System.Collections.Generic;
        global using System.IO;
        global using System.Linq;
        global using System.Net.Http;
        global using System.Net.Http.Json;
        global using System.Threading;
        global using System.Threading.Tasks;
        global using Microsoft.AspNetCore.Builder;
        global using Microsoft.AspNetCore.Hosting;
        global using Microsoft.AspNetCore.Http;
        global using Microsoft.AspNetCore.Routing;
        global using Microsoft.Extensions.Configuration;
        global using Microsoft.Extensions.DependencyInjection;
        global using Microsoft.Extensions.Hosting;
        global using Microsoft.Extensions.Logging;
        global using Orleans;
        global using Orleans.Hosting;
        global using Orleans.Runtime;
        """;

    private static readonly MetadataReference[] References =
        [.. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!)
            .Split(Path.PathSeparator)
            .Select(static path => MetadataReference.CreateFromFile(path))];

    public static TheoryData<Snippet> Snippets => [.. Snippet.All()];

    [Theory]
    [MemberData(nameof(Snippets), DisableDiscoveryEnumeration = true)]
    public void Snippet_of_a_page_compiles(Snippet snippet) => Assert.Empty(Errors(snippet.Code));

    [Fact]
    public void Readme_has_the_tutorial() => Assert.Contains(Snippet.All(), static snippet => snippet.Page == "README.md");

    [Fact]
    public void Errors_of_wrong_code_are_found() => Assert.NotEmpty(Errors("WebApplication.CreateBuilder(args).Services.AddNothing();"));

    private static string[] Errors(string code)
    {
        var options = new CSharpCompilationOptions(OutputKind.ConsoleApplication, nullableContextOptions: NullableContextOptions.Enable);
        var trees = new[] { code, ImplicitUsings }.Select(static text => CSharpSyntaxTree.ParseText(text, new CSharpParseOptions(LanguageVersion.Latest)));
        return [.. CSharpCompilation.Create("Snippet", trees, References, options)
            .GetDiagnostics()
            .Where(static diagnostic => diagnostic.Severity == DiagnosticSeverity.Error)
            .Select(static diagnostic => diagnostic.ToString())];
    }
}
