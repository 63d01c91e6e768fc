using Microsoft.Win32.SafeHandles;

namespace ServerSession.Storage;

/// <summary>
/// Makes one process the owner of a file: an operating system lock on <c>&lt;file&gt;.lock</c> and one on the file itself, so that removing the
/// former lets nobody in. The system drops both with the process, however that ends, so none is ever stale.
/// </summary>
internal sealed class OwnerLock : IDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    /// <summary>The files that this process owns. Another handle on one of them, when closed, would drop SQLite's locks on it.</summary>
    private static readonly HashSet<FileIdentity> Owned = [];

    private readonly FileStream _lockFile;
    private readonly FileStream _database;
    private FileIdentity? _owned;

    private OwnerLock(FileStream lockFile, FileStream database)
    {
        _lockFile = lockFile;
        _database = database;
    }

    /// <summary>The lock file that is held.</summary>
    public SafeFileHandle LockFile => _lockFile.SafeFileHandle;

    /// <summary>The database file that is owned.</summary>
    public SafeFileHandle Database => _database.SafeFileHandle;

    public static string PathOf(string database) => database + ".lock";

    /// <exception cref="SqliteGrainStorageException">Another owner kept the file longer than <paramref name="timeout"/>.</exception>
    public static async Task<OwnerLock> TakeAsync(string path, TimeSpan timeout, Action waiting, CancellationToken cancellationToken)
    {
        // Other processes do not follow a clock of ours, so the wait is by the system's.
        var clock = TimeProvider.System;
        var start = clock.GetTimestamp();
        for (var attempt = 0; ; attempt++)
        {
            IOException? held = null;
            try
            {
                if (TryTake(path) is { } owner)
                {
                    return owner;
                }
            }
            catch (IOException error) when (IsHeld(error))
            {
                held = error;
            }

            if (clock.GetElapsedTime(start) >= timeout)
            {
                throw new SqliteGrainStorageException($"The session store '{path}' is in use by another process, and was not let go within "
                    + $"{timeout}. Stop that process, or give this silo a separate Path: one process owns a file at a time.", held);
            }

            if (attempt == 0)
            {
                waiting();
            }

            await Task.Delay(Pause, clock, cancellationToken);
        }
    }

    public void Dispose()
    {
        if (_owned is { } identity)
        {
            lock (Owned)
            {
                Owned.Remove(identity);
            }
        }

        _database.Dispose();
        _lockFile.Dispose();
    }

    private static OwnerLock? TryTake(string path)
    {
        var lockFile = OwnerFiles.OpenPrivate(PathOf(path), FileShare.None);
        FileStream? database = null;
        try
        {
            // Between the open and the lock somebody may have removed the lock file: then the next one to come would lock another.
            if (!IsAt(PathOf(path), lockFile.SafeFileHandle) || IsOwnedHere(path))
            {
                lockFile.Dispose();
                return null;
            }

            database = OwnerFiles.OpenPrivate(path, FileShare.ReadWrite);
            if (DatabaseLock.TryTake(database.SafeFileHandle))
            {
                var owner = new OwnerLock(lockFile, database);
                owner.Register();
                return owner;
            }

            database.Dispose();
            lockFile.Dispose();
            return null;
        }
        catch
        {
            database?.Dispose();
            lockFile.Dispose();
            throw;
        }
    }

    private static bool IsAt(string path, SafeFileHandle handle) =>
        !FileIdentity.TryFind(handle, out var opened) || !FileIdentity.TryFind(path, out var found) || opened == found;

    private static bool IsOwnedHere(string path)
    {
        if (!FileIdentity.TryFind(path, out var found) || found is not { } identity)
        {
            return false;
        }

        lock (Owned)
        {
            return Owned.Contains(identity);
        }
    }

    private void Register()
    {
        if (FileIdentity.TryFind(Database, out var identity) && identity is { } found)
        {
            lock (Owned)
            {
                if (Owned.Add(found))
                {
                    _owned = found;
                }
            }
        }
    }

    // Only "held by somebody" is worth a wait: EWOULDBLOCK on Linux and on macOS, a sharing or lock violation on Windows.
    private static bool IsHeld(IOException error) => error.HResult is 11 or 35 or unchecked((int)0x80070020) or unchecked((int)0x80070021);
}
