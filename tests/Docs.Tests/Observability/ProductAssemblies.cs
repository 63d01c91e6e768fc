using System.Reflection;

namespace ServerSession.Tests.Observability;

/// <summary>The assemblies of the product that measure or log.</summary>
internal static class ProductAssemblies
{
    public static readonly Assembly[] All =
    [
        typeof(SessionId).Assembly,
        typeof(ServerSessionOptions).Assembly,
        typeof(SessionGrainOptions).Assembly,
        typeof(Storage.SqliteGrainStorageOptions).Assembly,
        typeof(Hosting.ServiceDefaultsExtensions).Assembly,
        Assembly.Load("ServerSession.Orleans.Core"),
    ];

    /// <summary>The sources of these assemblies, with their paths in the repository.</summary>
    public static IEnumerable<(string Path, string Text)> Sources()
    {
        var root = Path.Combine(AppContext.BaseDirectory, "sources");
        return Directory.EnumerateFiles(Path.Combine(root, "src"), "*.cs", SearchOption.AllDirectories)
            .Select(file => (Path.GetRelativePath(root, file).Replace('\\', '/'), File.ReadAllText(file)));
    }
}
