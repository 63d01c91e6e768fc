namespace ServerSession.Tests;

/// <summary>A disk of a few megabytes that can be filled to the last byte.</summary>
internal sealed class SmallDisk : IDisposable
{
    private readonly TempFolder _folder = new();

    public SmallDisk(int megabytes)
    {
        try
        {
            Shell.Run("mount a small disk", "mount", "-t", "tmpfs", "-o", $"size={megabytes}m", "tmpfs", Path);
        }
        catch
        {
            _folder.Dispose();
            throw;
        }
    }

    public string Path => _folder.Path;

    private string Filler => _folder["filler"];

    /// <summary>Takes every byte that is left.</summary>
    public void Fill()
    {
        using var file = new FileStream(Filler, FileMode.Append, FileAccess.Write, FileShare.None, bufferSize: 0);
        for (var size = 64 * 1024; size > 0;)
        {
            try
            {
                file.Write(new byte[size]);
            }
            catch (IOException)
            {
                size /= 2;
            }
        }
    }

    public void MakeRoom() => File.Delete(Filler);

    public void Dispose()
    {
        Shell.Run("unmount the small disk", "umount", "-l", Path);
        _folder.Dispose();
    }
}
