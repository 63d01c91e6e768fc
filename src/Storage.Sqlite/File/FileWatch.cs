using Microsoft.Win32.SafeHandles;

namespace ServerSession.Storage;

/// <summary>
/// Notices that a file of the store was removed or exchanged while it is open. SQLite goes on with the file that it has, which nobody
/// finds any more: everything would be acknowledged, and lost at the next start. Once noticed, the store serves nothing until it is opened again.
/// </summary>
internal sealed class FileWatch
{
    private readonly string _path;
    private readonly Watched[] _files;
    private SqliteGrainStorageException? _loss;

    private FileWatch(string path, Watched[] files)
    {
        _path = path;
        _files = files;
    }

    /// <summary>Whether only the log or its shared memory is lost: what is in the log, which is open still, may go into the database file.</summary>
    public bool IsOnlyLogLost => Loss is not null && Array.TrueForAll(_files, static file =>
        file.Kind is LostFile.Log or LostFile.SharedMemory || (FileIdentity.TryFind(file.Path, out var found) && found == file.Identity));

    /// <summary>Why nothing is served; null while all files are there.</summary>
    public SqliteGrainStorageException? Loss => Volatile.Read(ref _loss);

    /// <summary>Starts to watch. SQLite has the database, its log and the log's shared memory open.</summary>
    public static FileWatch Start(string path, OwnerLock owner)
    {
        List<Watched> files = [];
        AddOpened(LostFile.Database, path, owner.Database);
        AddOpened(LostFile.Lock, OwnerLock.PathOf(path), owner.LockFile);
        AddFound(LostFile.Log, path + "-wal");
        AddFound(LostFile.SharedMemory, path + "-shm");
        var watch = new FileWatch(path, [.. files]);
        watch.ThrowIfLost();
        return watch;

        void AddOpened(LostFile file, string name, SafeFileHandle handle)
        {
            if (FileIdentity.TryFind(handle, out var identity) && identity is { } known)
            {
                files.Add(new(file, name, known));
            }
        }

        void AddFound(LostFile file, string name)
        {
            if (FileIdentity.TryFind(name, out var identity) && identity is { } known)
            {
                files.Add(new(file, name, known));
            }
        }
    }

    /// <summary>Looks at the files now.</summary>
    /// <exception cref="SqliteGrainStorageException">One of them is not the one that is open, or was not at an earlier look.</exception>
    public void ThrowIfLost()
    {
        Look();
        if (Loss is { } loss)
        {
            throw SqliteErrors.Explain(_path, loss);
        }
    }

    /// <summary>Looks at the files now.</summary>
    /// <returns>Whether this look was the first to find one missing.</returns>
    public bool Look()
    {
        if (Loss is not null)
        {
            return false;
        }

        foreach (var file in _files)
        {
            if (FileIdentity.TryFind(file.Path, out var found) && found != file.Identity)
            {
                return Interlocked.CompareExchange(ref _loss, SqliteErrors.Lost(_path, file.Kind, file.Path, isReplaced: found is not null), null) is null;
            }
        }

        return false;
    }

    private readonly record struct Watched(LostFile Kind, string Path, FileIdentity Identity);
}
