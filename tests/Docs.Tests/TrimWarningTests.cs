using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Diagnostics;

namespace ServerSession.Tests;

/// <summary>In an application that is trimmed or compiled ahead of time the analyzers warn at each call that needs reflection, and at no other.</summary>
public sealed class TrimWarningTests
{
    private const string Application = """
        using System;
        using System.Text.Json.Serialization.Metadata;
        using System.Threading.Tasks;
        using ServerSession;

        sealed record Cart(string[] Items);

        enum Size { Small }

        static class Application
        {
            static async Task Simple(IServerSession session, IBackgroundSession background, string? text, Guid id)
            {
                session.Set("key", "text");
                session.Set("key", text);
                session.Set("key", 1);
                session.Set("key", 1L);
                session.Set("key", (short)1);
                session.Set("key", 1.5);
                session.Set("key", 9.99m);
                session.Set("key", true);
                session.Set("key", 'x');
                session.Set("key", DateTimeOffset.UnixEpoch);
                session.Set("key", DateTime.UnixEpoch);
                session.Set("key", new DateOnly(2026, 2, 28));
                session.Set("key", TimeSpan.Zero);
                session.Set("key", id);
                session.Set("key", new byte[] { 1 });
                await session.TryAddAsync("key", "text");
                await session.GetAsync("key", SessionJson.String);
                await session.TryGetAsync("key", SessionJson.Int32);
                await session.TakeAsync("key", SessionJson.Guid);
                await session.GetListAsync("key", SessionJson.Int64);
                await session.AppendAsync("key", "text", 5, SessionJson.String);
                await session.GetOrSetAsync("key", 1, SessionJson.Int32);
                await session.CompareAndSetAsync("key", "old", "new", SessionJson.String);
                await session.IncrementAsync("key");
                await background.SetAsync("key", "text");
                await background.TryAddAsync("key", 1);
                await background.GetAsync("key", SessionJson.String);
            }

            static async Task Known(IServerSession session, IBackgroundSession background, Cart cart, JsonTypeInfo<Cart> type)
            {
                session.Set("key", cart, type);
                await session.GetAsync("key", type);
                await session.TryGetAsync("key", type);
                await session.GetListAsync("key", type);
                await session.GetOrSetAsync("key", cart, type);
                await session.CompareAndSetAsync("key", cart, cart, type);
                await session.TryAddAsync("key", cart, type);
                await session.TakeAsync("key", type);
                await session.AppendAsync("key", cart, 5, type);
                await background.SetAsync("key", cart, type);
                await background.GetAsync("key", type);
            }

            static async Task Reflecting(IServerSession session, IBackgroundSession background, Cart cart, object any)
            {
                session.Set("key", cart); // warns
                session.Set("key", any); // warns
                session.Set("key", Size.Small); // warns
                session.Set("key", new[] { "text" }); // warns
                await session.GetAsync<Cart>("key"); // warns
                await session.GetAsync<string>("key"); // warns
                await session.TryGetAsync<Cart>("key"); // warns
                await session.GetListAsync<Cart>("key"); // warns
                await session.GetOrSetAsync("key", cart); // warns
                await session.CompareAndSetAsync("key", cart, cart); // warns
                await session.TryAddAsync("key", cart); // warns
                await session.TakeAsync<Cart>("key"); // warns
                await session.AppendAsync("key", cart, 5); // warns
                await background.SetAsync("key", cart); // warns
                await background.GetAsync<Cart>("key"); // warns
                await background.TryGetAsync<Cart>("key"); // warns
                await background.GetListAsync<Cart>("key"); // warns
                await background.GetOrSetAsync("key", cart); // warns
                await background.CompareAndSetAsync("key", cart, cart); // warns
                await background.TryAddAsync("key", cart); // warns
                await background.TakeAsync<Cart>("key"); // warns
                await background.AppendAsync("key", cart, 5); // warns
            }
        }
        """;

    private static readonly string[] Lines = Application.Split('\n');

    [Theory]
    [InlineData("IL2026")]
    [InlineData("IL3050")]
    public async Task Call_that_needs_reflection_warns_at_its_line_and_no_other_does(string warning)
    {
        var compilation = CSharpCompilation.Create(
            "Application",
            [CSharpSyntaxTree.ParseText(Application, new CSharpParseOptions(LanguageVersion.Latest))],
            ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator).Select(static path => MetadataReference.CreateFromFile(path)),
            new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary, nullableContextOptions: NullableContextOptions.Enable));
        Assert.Empty(compilation.GetDiagnostics().Where(static diagnostic => diagnostic.Severity == DiagnosticSeverity.Error));

        var found = await compilation.WithAnalyzers(Analyzers(), new AnalyzerOptions([], new TrimmedOptions())).GetAnalyzerDiagnosticsAsync(TestContext.Current.CancellationToken);

        Assert.Empty(found.Where(static diagnostic => !diagnostic.Id.StartsWith("IL", StringComparison.Ordinal)));
        Assert.Equal(
            Lines.Where(static line => line.EndsWith("// warns", StringComparison.Ordinal)),
            found.Where(diagnostic => diagnostic.Id == warning).Select(static diagnostic => Lines[diagnostic.Location.GetLineSpan().StartLinePosition.Line]).Order(LineOrder.Instance));
    }

    private static ImmutableArray<DiagnosticAnalyzer> Analyzers() =>
    [
        .. Assembly.LoadFrom(Path.Combine(AppContext.BaseDirectory, "analyzers", "ILLink.RoslynAnalyzer.dll")).GetTypes()
            .Where(static type => type.GetCustomAttribute<DiagnosticAnalyzerAttribute>() is not null)
            .Select(static type => (DiagnosticAnalyzer)Activator.CreateInstance(type)!),
    ];

    private sealed class LineOrder : IComparer<string>
    {
        public static readonly LineOrder Instance = new();

        public int Compare(string? x, string? y) => Array.IndexOf(Lines, x).CompareTo(Array.IndexOf(Lines, y));
    }

    /// <summary>What the project file of a trimmed application says.</summary>
    private sealed class TrimmedOptions : AnalyzerConfigOptionsProvider
    {
        public override AnalyzerConfigOptions GlobalOptions { get; } = new Properties();

        public override AnalyzerConfigOptions GetOptions(SyntaxTree tree) => GlobalOptions;

        public override AnalyzerConfigOptions GetOptions(AdditionalText textFile) => GlobalOptions;

        private sealed class Properties : AnalyzerConfigOptions
        {
            public override bool TryGetValue(string key, [NotNullWhen(true)] out string? value) =>
                (value = key is "build_property.EnableTrimAnalyzer" or "build_property.EnableAotAnalyzer" ? "true" : null) is not null;
        }
    }
}
