using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace ServerSession.Storage;

/// <summary>
/// Which file a path leads to. On Linux its device and inode; elsewhere the time of its creation, which tells a file from its successor as far
/// as the file system keeps it.
/// </summary>
internal readonly partial record struct FileIdentity(ulong Device, ulong Node)
{
    private const int CurrentFolder = -100; // AT_FDCWD
    private const int EmptyPath = 0x1000; // AT_EMPTY_PATH
    private const uint NodeWanted = 0x100; // STATX_INO
    private const int NoEntry = 2; // ENOENT
    private const int NoFolder = 20; // ENOTDIR

    /// <summary>Finds the file at a path.</summary>
    /// <returns>False where the answer could not be had, which says nothing of the file. True with a null <paramref name="identity"/>: there is none.</returns>
    public static bool TryFind(string path, out FileIdentity? identity)
    {
        if (OperatingSystem.IsLinux())
        {
            return TryFind(CurrentFolder, path, 0, out identity);
        }

        var file = new FileInfo(path);
        identity = file.Exists ? new(0, (ulong)file.CreationTimeUtc.Ticks) : null;
        return true;
    }

    /// <summary>Finds the file that a handle was opened on, whatever its path leads to by now.</summary>
    public static bool TryFind(SafeFileHandle handle, out FileIdentity? identity)
    {
        if (OperatingSystem.IsLinux())
        {
            return TryFind((int)handle.DangerousGetHandle(), "", EmptyPath, out identity);
        }

        identity = new(0, (ulong)File.GetCreationTimeUtc(handle).Ticks);
        return true;
    }

    private static bool TryFind(int folder, string path, int flags, out FileIdentity? identity)
    {
        // The kernel's form is the same on every processor, which that of stat is not.
        Span<byte> name = stackalloc byte[256];
        var length = Encoding.UTF8.GetMaxByteCount(path.Length);
        name = length < name.Length ? name : new byte[length + 1];
        name[Encoding.UTF8.GetBytes(path, name)] = 0;
        identity = null;
        if (Statx(folder, name, flags, NodeWanted, out var status) == 0)
        {
            identity = new(((ulong)status.DeviceMajor << 32) | status.DeviceMinor, status.Node);
            return true;
        }

        return Marshal.GetLastPInvokeError() is NoEntry or NoFolder;
    }

    [LibraryImport("libc", EntryPoint = "statx", SetLastError = true)]
    private static partial int Statx(int folder, ReadOnlySpan<byte> path, int flags, uint mask, out Status status);

    [StructLayout(LayoutKind.Explicit, Size = 256)]
    private struct Status
    {
        [FieldOffset(32)]
        public ulong Node;

        [FieldOffset(136)]
        public uint DeviceMajor;

        [FieldOffset(140)]
        public uint DeviceMinor;
    }
}
