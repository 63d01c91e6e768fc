namespace ServerSession.LocalCluster.Servers;

/// <summary>The files that are built into this assembly.</summary>
public static class Resource
{
    /// <summary>The names with a prefix, in ordinal order.</summary>
    public static IEnumerable<string> Names(string prefix) => typeof(Resource).Assembly.GetManifestResourceNames()
        .Where(name => name.StartsWith(prefix, StringComparison.Ordinal))
        .Order(StringComparer.Ordinal);

    public static string Text(string name)
    {
        using var reader = new StreamReader(typeof(Resource).Assembly.GetManifestResourceStream(name)
            ?? throw new InvalidOperationException($"The resource '{name}' is missing."));
        return reader.ReadToEnd();
    }
}
