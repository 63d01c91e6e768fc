namespace ServerSession.Storage;

/// <summary>
/// Makes one process the owner of a file: an operating system lock on <c>&lt;file&gt;.lock</c>. The system drops it with the process,
/// however that ends, so none is ever stale; the lock file itself stays, since deleting it would let two owners in.
/// </summary>
internal sealed class OwnerLock : IDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    private readonly FileStream _stream;

    private OwnerLock(FileStream stream) => _stream = stream;

    /// <exception cref="SqliteGrainStorageException">Another owner kept the file longer than <paramref name="timeout"/>.</exception>
    public static async Task<OwnerLock> TakeAsync(string path, TimeSpan timeout, Action waiting, CancellationToken cancellationToken)
    {
        // Other processes do not follow a clock of ours, so the wait is by the system's.
        var clock = TimeProvider.System;
        var start = clock.GetTimestamp();
        for (var attempt = 0; ; attempt++)
        {
            try
            {
                return new(OwnerFiles.OpenPrivate(path + ".lock", FileShare.None));
            }
            catch (IOException error) when (IsHeld(error))
            {
                if (clock.GetElapsedTime(start) >= timeout)
                {
                    throw new SqliteGrainStorageException($"The session store '{path}' is in use by another process, and was not let go within "
                        + $"{timeout}. Stop that process, or give this silo a Path of its own: one process owns a file at a time.", error);
                }
            }

            if (attempt == 0)
            {
                waiting();
            }

            await Task.Delay(Pause, clock, cancellationToken);
        }
    }

    public void Dispose() => _stream.Dispose();

    // Only "held by somebody" is worth a wait: EWOULDBLOCK on Linux and on macOS, a sharing or lock violation on Windows.
    private static bool IsHeld(IOException error) => error.HResult is 11 or 35 or unchecked((int)0x80070020) or unchecked((int)0x80070021);
}
