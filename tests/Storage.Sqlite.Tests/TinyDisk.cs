using System.Diagnostics;

namespace ServerSession.Tests.Storage;

/// <summary>A disk of one megabyte, where this account may mount one.</summary>
internal sealed class TinyDisk : IDisposable
{
    private readonly TempFolder _folder;

    private TinyDisk(TempFolder folder) => _folder = folder;

    public string Path => _folder.Path;

    public static TinyDisk? TryMount()
    {
        var folder = new TempFolder();
        if (Run("mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", folder.Path))
        {
            return new(folder);
        }

        folder.Dispose();
        return null;
    }

    public void MakeReadOnly() => Assert.True(Run("mount", "-o", "remount,ro", Path));

    public void Dispose()
    {
        Assert.True(Run("umount", "-l", Path));
        _folder.Dispose();
    }

    private static bool Run(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardError = true };
        try
        {
            using var process = Process.Start(start)!;
            process.StandardError.ReadToEnd();
            process.WaitForExit();
            return process.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }
}
