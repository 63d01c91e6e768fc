using System.Diagnostics;
using System.Reflection;

namespace ServerSession.Tests;

/// <summary>Runs commands as a user's shell would, with a separate home: nothing outside the test's folder is written.</summary>
internal static class Shell
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(6);

    /// <summary>The folder of this repository.</summary>
    public static string Repository { get; } = Metadata("Repository");

    /// <summary>The packages that the build of this repository has restored.</summary>
    public static string PackageFolder { get; } = Metadata("PackageFolder");

    /// <summary>Runs lines of bash in a folder; the first that fails ends the run, and the test.</summary>
    public static async Task RunAsync(string script, string folder, string home)
    {
        using var process = Process.Start(Info(folder, home, "bash", "-e", "-c", script))!;
        var output = Task.WhenAll(process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        try
        {
            await process.WaitForExitAsync().WaitAsync(Patience);
        }
        catch (TimeoutException)
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"This did not end:{Environment.NewLine}{script}{Environment.NewLine}{string.Concat(await output)}");
        }

        Assert.True(process.ExitCode == 0, $"{script}{Environment.NewLine}exit code {process.ExitCode}:{Environment.NewLine}{string.Concat(await output)}");
    }

    public static ProcessStartInfo Info(string folder, string home, string command, params string[] arguments)
    {
        var start = new ProcessStartInfo(command, arguments) { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var name in start.Environment.Keys.Where(static name =>
            name.StartsWith("ASPNETCORE_", StringComparison.Ordinal) || name.StartsWith("DOTNET_ENV", StringComparison.Ordinal)
            || name.StartsWith("Orleans__", StringComparison.Ordinal) || name.StartsWith("ServerSession__", StringComparison.Ordinal)
            || name.StartsWith("MSBUILD", StringComparison.OrdinalIgnoreCase) || name.StartsWith("NUGET_", StringComparison.Ordinal)).ToArray())
        {
            start.Environment.Remove(name);
        }

        start.Environment["HOME"] = home;
        start.Environment["DOTNET_CLI_HOME"] = home;
        start.Environment["NUGET_PACKAGES"] = Path.Combine(home, "packages");
        start.Environment["DOTNET_NOLOGO"] = "1";
        start.Environment["DOTNET_CLI_TELEMETRY_OPTOUT"] = "1";
        start.Environment["DOTNET_GENERATE_ASPNET_CERTIFICATE"] = "false";
        start.Environment["NuGetAudit"] = "false";

        // Servers that outlive the command would hold its output open.
        start.Environment["MSBUILDDISABLENODEREUSE"] = "1";
        start.Environment["UseSharedCompilation"] = "false";
        start.Environment["DOTNET_CLI_USE_MSBUILD_SERVER"] = "0";
        return start;
    }

    private static string Metadata(string key) =>
        typeof(Shell).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(data => data.Key == key).Value!;
}
