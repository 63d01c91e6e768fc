using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace ServerSession.Storage;

/// <summary>
/// A lock on the database file itself, beside the one on <c>&lt;file&gt;.lock</c>: whoever removes the lock file lets nobody else in. It is an open
/// file description lock on a byte that SQLite never touches, so neither other locks of this process nor a close of another handle affect it.
/// </summary>
/// <remarks>Only on Linux. Elsewhere the lock file alone keeps others out; Windows does not let anybody remove it.</remarks>
internal static partial class DatabaseLock
{
    private const int SetLock = 37; // F_OFD_SETLK
    private const short WriteLock = 1; // F_WRLCK
    private const long FarAway = 1L << 62;
    private const int Again = 11; // EAGAIN
    private const int Access = 13; // EACCES

    /// <summary>Takes the lock, which is held until the handle is closed.</summary>
    /// <returns>False where another process holds it.</returns>
    public static bool TryTake(SafeFileHandle handle)
    {
        if (!OperatingSystem.IsLinux() || !Environment.Is64BitProcess)
        {
            return true;
        }

        var region = new Region { Type = WriteLock, Start = FarAway, Length = 1 };

        // A file system without such locks has the lock file still.
        return Control(handle, SetLock, ref region) == 0 || Marshal.GetLastPInvokeError() is not (Again or Access);
    }

    [LibraryImport("libc", EntryPoint = "fcntl", SetLastError = true)]
    private static partial int Control(SafeFileHandle handle, int command, ref Region region);

    [StructLayout(LayoutKind.Sequential)]
    private struct Region
    {
        public short Type;
        public short Whence;
        public long Start;
        public long Length;
        public int Process;
    }
}
