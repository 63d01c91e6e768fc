using System.Security.Cryptography;
using System.Text;

namespace ServerSession.LocalCluster.Servers;

/// <summary>
/// Azurite in a cache folder of the user, one for each content of the lock file: <c>$XDG_CACHE_HOME/server-session/azurite-HASH</c>, by default
/// below <c>~/.cache</c>. Deleting the folder is safe while no Azurite runs.
/// </summary>
public static class AzuriteInstallation
{
    private static readonly string[] Files = ["package.json", "package-lock.json"];

    /// <summary>Gets the path of Azurite's program, for <c>node</c>.</summary>
    public static string Program => ProgramIn(Folder);

    private static string Folder { get; } = Path.Combine(Cache(), "server-session", $"azurite-{Hash()}");

    /// <summary>Installs Node.js, npm and Azurite where they are missing.</summary>
    public static async Task EnsureAsync(CancellationToken cancellation)
    {
        await Packages.EnsureAsync(static () => Command.Exists("node"), ["nodejs"], cancellation).ConfigureAwait(false);
        if (File.Exists(Program))
        {
            return;
        }

        await Packages.EnsureAsync(static () => Command.Exists("npm"), ["npm"], cancellation).ConfigureAwait(false);
        Directory.CreateDirectory(Path.GetDirectoryName(Folder)!);

        // Installed aside and renamed, so that a folder with this name is whole, and two runs at once do not mix their files.
        var made = Directory.CreateDirectory($"{Folder}.{Environment.ProcessId}.{Guid.NewGuid():n}").FullName;
        try
        {
            foreach (var file in Files)
            {
                await File.WriteAllTextAsync(Path.Combine(made, file), Resource.Text("azurite/" + file), cancellation).ConfigureAwait(false);
            }

            await Command.RunAsync("npm", ["ci", "--ignore-scripts", "--omit=dev", "--no-audit", "--no-fund", "--loglevel=error"], cancellation, directory: made)
                .ConfigureAwait(false);
            Directory.Move(made, Folder);
        }
        catch (IOException) when (File.Exists(Program))
        {
            // Another run was faster; its folder holds the same.
        }
        finally
        {
            if (Directory.Exists(made))
            {
                Directory.Delete(made, recursive: true);
            }
        }
    }

    private static string ProgramIn(string folder) => Path.Combine(folder, "node_modules", "azurite", "dist", "src", "azurite.js");

    private static string Hash() => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Concat(Files.Select(static file => Resource.Text("azurite/" + file))))))[..12];

    private static string Cache()
    {
        if (Environment.GetEnvironmentVariable("XDG_CACHE_HOME") is { Length: > 0 } cache)
        {
            return cache;
        }

        return Environment.GetEnvironmentVariable("HOME") is { Length: > 0 } home ? Path.Combine(home, ".cache") : Path.GetTempPath();
    }
}
