using Microsoft.Extensions.Options;

namespace ServerSession.Hosting;

/// <summary>Finds out before the silo starts whether its folder can be written.</summary>
public sealed class SessionSiloOptionsValidator : IValidateOptions<SessionSiloOptions>
{
    public ValidateOptionsResult Validate(string? name, SessionSiloOptions options)
    {
        if (!options.KeepsFile)
        {
            return ValidateOptionsResult.Skip;
        }

        try
        {
            MakeFolder(options.DataDirectory);
            // A file that was made and deleted is the only proof: permissions alone do not tell of read-only mounts or full disks.
            using var probe = new FileStream(
                Path.Combine(options.DataDirectory, $".probe-{Guid.NewGuid():N}"), FileMode.CreateNew, FileAccess.Write, FileShare.None, 1, FileOptions.DeleteOnClose);
            return ValidateOptionsResult.Success;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            return ValidateOptionsResult.Fail(
                $"{SessionSiloOptions.DataDirectoryKey} is {options.DataDirectory}, which cannot be written ({exception.Message}). "
                + "Make the folder writable for this user, or name another one.");
        }
    }

    private static void MakeFolder(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(path);
        }
        else
        {
            // Only the owner: the file holds the data of users.
            Directory.CreateDirectory(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }
}
