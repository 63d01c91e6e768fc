namespace ServerSession.Tests;

/// <summary>
/// Makes files read-only for everybody at once, root and those who have them open already included, as a disk does that
/// went read-only after an error.
/// </summary>
internal sealed class Frozen : IDisposable
{
    private readonly string[] _files;

    public Frozen(params string[] files)
    {
        _files = [.. files.Where(File.Exists)];
        Shell.Run("freeze files", "chattr", ["+i", .. _files]);
    }

    public void Dispose() => Shell.Run("release files", "chattr", ["-i", .. _files]);
}
