namespace ServerSession.Tests.Storage;

/// <summary>A store in a folder that cannot be written: a read-only mount for root, whom modes do not stop; a mode for everybody else.</summary>
internal sealed class ReadOnly : IDisposable
{
    private readonly TinyDisk? _disk;
    private readonly string? _folder;

    private ReadOnly(string file, TinyDisk? disk, string? folder)
    {
        File = file;
        _disk = disk;
        _folder = folder;
    }

    public string File { get; }

    public static ReadOnly Make(TempFolder folder)
    {
        if (TinyDisk.TryMount() is { } disk)
        {
            var copy = Path.Combine(disk.Path, "sessions.db");
            System.IO.File.Copy(folder["sessions.db"], copy);
            disk.MakeReadOnly();
            return new(copy, disk, null);
        }

        Assert.False(Environment.IsPrivilegedProcess, "Root without the right to mount cannot make a read-only folder.");
        System.IO.File.Delete(folder["sessions.db"] + ".lock");
        System.IO.File.SetUnixFileMode(folder.Path, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        return new(folder["sessions.db"], null, folder.Path);
    }

    public void Dispose()
    {
        _disk?.Dispose();
        if (_folder is not null)
        {
            System.IO.File.SetUnixFileMode(_folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }
}
