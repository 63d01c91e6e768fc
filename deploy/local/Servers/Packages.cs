namespace ServerSession.LocalCluster.Servers;

/// <summary>The Debian packages of the servers, installed where they are missing.</summary>
public static class Packages
{
    /// <summary>Makes sure that a program exists, by installing the Debian packages that hold it.</summary>
    /// <param name="isThere">Whether the program is there.</param>
    /// <param name="packages">The packages to install if it is not.</param>
    /// <param name="cancellation">Cancels the installation.</param>
    /// <exception cref="ServerStartException">The program is missing and cannot be installed here.</exception>
    public static async Task EnsureAsync(Func<bool> isThere, string[] packages, CancellationToken cancellation)
    {
        if (isThere())
        {
            return;
        }

        var names = string.Join(' ', packages);
        if (!Command.Exists("apt-get"))
        {
            throw new ServerStartException($"The packages '{names}' are missing and there is no apt-get here to install them. Install them by hand.");
        }

        string[] root = Environment.UserName == "root" ? ["env"] : ["sudo", "--non-interactive", "env"];
        string[] apt = [.. root[1..], "DEBIAN_FRONTEND=noninteractive", "apt-get", "-qq", "-o", "DPkg::Lock::Timeout=120"];
        await Command.RunAsync(root[0], [.. apt, "update"], cancellation).ConfigureAwait(false);
        await Command.RunAsync(root[0], [.. apt, "install", "-y", "--no-install-recommends", .. packages], cancellation).ConfigureAwait(false);
        if (!isThere())
        {
            throw new ServerStartException($"The packages '{names}' were installed, but the program that they should hold is still missing.");
        }
    }
}
