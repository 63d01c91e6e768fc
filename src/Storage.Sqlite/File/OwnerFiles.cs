namespace ServerSession.Storage;

/// <summary>
/// Makes the folder and the files so that only the account of this process can read them. A file that its group may write (a volume that an
/// orchestrator gives to a group) stays the group's. SQLite gives -wal and -shm the mode of the file.
/// </summary>
internal static class OwnerFiles
{
    private const UnixFileMode PrivateFile = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode Group = UnixFileMode.GroupRead | UnixFileMode.GroupWrite;
    private const UnixFileMode PrivateFolder = PrivateFile | UnixFileMode.UserExecute;

    public static void MakeFolder(string path)
    {
        var folder = Path.GetDirectoryName(path)!;
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(folder);
        }
        else
        {
            Directory.CreateDirectory(folder, PrivateFolder);
        }
    }

    /// <summary>Takes the files away from those who have no right to them.</summary>
    /// <param name="path">The database file, which exists and which this process may read and write.</param>
    /// <returns>The file that others may still read, because it belongs to another account that alone may change its mode; null where there is none.</returns>
    public static string? MakePrivate(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            return null;
        }

        var isOfGroup = (File.GetUnixFileMode(path) & Group) == Group;
        var wanted = isOfGroup ? PrivateFile | Group : PrivateFile;
        string? open = null;
        foreach (var file in (ReadOnlySpan<string>)[path, path + "-wal", path + "-shm", OwnerLock.PathOf(path)])
        {
            if (File.Exists(file) && File.GetUnixFileMode(file) != wanted && !TrySetMode(file, wanted) && (File.GetUnixFileMode(file) & ~(PrivateFile | Group)) != 0)
            {
                open ??= file;
            }
        }

        return open;
    }

    /// <summary>Opens a file, and makes it if it is absent. While SQLite has a file open, closing any other handle of it drops this
    /// process's POSIX locks on it: open it before, close it after.</summary>
    public static FileStream OpenPrivate(string path, FileShare share)
    {
        var options = new FileStreamOptions
        {
            Mode = FileMode.OpenOrCreate,
            Access = FileAccess.ReadWrite,
            Share = share,
            BufferSize = 0,
        };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = PrivateFile;
        }

        return new(path, options);
    }

    // Only the owner of a file may change its mode. A process that is let in by the file's group is not, and need not.
    [System.Runtime.Versioning.UnsupportedOSPlatform("windows")]
    private static bool TrySetMode(string file, UnixFileMode mode)
    {
        try
        {
            File.SetUnixFileMode(file, mode);
            return true;
        }
        catch (UnauthorizedAccessException)
        {
            return false;
        }
    }
}
