using ServerSession.LocalCluster.Servers;

namespace ServerSession.LocalCluster;

/// <summary>Starts the processes of members.</summary>
public sealed class MemberLauncher(StateFolder folder)
{
    // The descriptors that the caller happens to hold (locks, pipes) are closed: the process would keep them for its whole life.
    private const string CloseDescriptors = "exec 3>&- 4>&- 5>&- 6>&- 7>&- 8>&- 9>&-; exec \"$@\"";

    /// <summary>Variables of the caller's environment that would outweigh the settings that the tool gives.</summary>
    private static readonly string[] OverridingPrefixes =
        ["ASPNETCORE_", "DOTNET_ENVIRONMENT", "DOTNET_URLS", "DOTNET_CONTENTROOT", "Orleans__", "ServerSession__", "Kestrel__", "URLS"];

    /// <summary>Starts the process of a member whose folder holds its settings; does not wait until it is ready.</summary>
    public Member Launch(ProcessClusterOptions options, Member member)
    {
        var assembly = member.Role == MemberRole.Silo ? options.SiloAssembly : options.WebHostAssembly;
        var unset = Environment.GetEnvironmentVariables().Keys.Cast<string>()
            .Where(static name => OverridingPrefixes.Any(prefix => name.StartsWith(prefix, StringComparison.OrdinalIgnoreCase)))
            .SelectMany(static name => new[] { "-u", name });
        string[] command = ["-c", CloseDescriptors, "sh", "env", .. unset, Dotnet(), assembly, "--environment", options.Environment];
        return member with { Process = ServerProcess.Start("/bin/sh", command, folder.FolderOf(member.Name), folder.LogOf(member.Name)) };
    }

    /// <summary>The dotnet that runs this program, or the one in the path.</summary>
    private static string Dotnet() =>
        Environment.ProcessPath is { } path && Path.GetFileNameWithoutExtension(path) == "dotnet" ? path : "dotnet";
}
