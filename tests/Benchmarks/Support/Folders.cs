namespace ServerSession.Benchmarks.Support;

/// <summary>Where a run keeps what it makes.</summary>
internal static class Folders
{
    /// <summary>The folder <c>artifacts</c> beside the solution, or below the current folder where there is none.</summary>
    public static string Artifacts()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && folder.GetFiles("*.sln").Length == 0)
        {
            folder = folder.Parent;
        }

        return Directory.CreateDirectory(Path.Combine(folder?.FullName ?? Environment.CurrentDirectory, "artifacts")).FullName;
    }

    public static string Temporary() => Directory.CreateTempSubdirectory("server-session-bench-").FullName;
}
