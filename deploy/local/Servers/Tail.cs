namespace ServerSession.LocalCluster.Servers;

/// <summary>The last lines of an output, for error messages.</summary>
public static class Tail
{
    private const int Lines = 20;

    public static string Of(string text) => string.Join(Environment.NewLine, text.TrimEnd().Split('\n').TakeLast(Lines));

    public static string OfFile(string file) => File.Exists(file) ? Of(File.ReadAllText(file)) : "";
}
