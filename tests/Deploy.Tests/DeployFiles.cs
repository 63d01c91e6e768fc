using System.Reflection;

namespace ServerSession.Tests;

/// <summary>The files under <c>deploy</c>.</summary>
internal static class DeployFiles
{
    public static string Repository { get; } =
        typeof(DeployFiles).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(static data => data.Key == "Repository").Value!;

    public static string Read(string path) => File.ReadAllText(Path.Combine(Repository, "deploy", path));
}
