namespace ServerSession.Storage;

/// <summary>Makes the folder and the files so that only the account of this process can read them. SQLite gives -wal and -shm the mode of the file.</summary>
internal static class OwnerFiles
{
    private const UnixFileMode PrivateFile = UnixFileMode.UserRead | UnixFileMode.UserWrite;
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

    /// <summary>Makes the file if it is absent, and takes it away from others if it is there. SQLite must not have it open yet:
    /// closing any handle of a file drops the process's POSIX locks on it.</summary>
    public static void MakePrivate(string path)
    {
        OpenPrivate(path, FileShare.ReadWrite).Dispose();
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        foreach (var file in (ReadOnlySpan<string>)[path, path + "-wal", path + "-shm"])
        {
            if (File.Exists(file) && File.GetUnixFileMode(file) != PrivateFile)
            {
                File.SetUnixFileMode(file, PrivateFile);
            }
        }
    }

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
}
