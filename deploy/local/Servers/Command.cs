using System.Diagnostics;

namespace ServerSession.LocalCluster.Servers;

/// <summary>Runs a program to its end.</summary>
public static class Command
{
    /// <summary>Runs a program and returns what it wrote to its standard output.</summary>
    /// <exception cref="ServerStartException">The program is missing, or its exit code was not zero.</exception>
    public static async Task<string> RunAsync(string program, IReadOnlyList<string> arguments, CancellationToken cancellation, string? input = null, string? directory = null)
    {
        var (code, output, error) = await TryRunAsync(program, arguments, cancellation, input, directory).ConfigureAwait(false);
        return code == 0 ? output : throw new ServerStartException(
            $"'{program} {string.Join(' ', arguments)}' ended with exit code {code}:{Environment.NewLine}{Tail.Of(error.Length > 0 ? error : output)}");
    }

    /// <summary>Runs a program and returns its exit code and what it wrote.</summary>
    /// <exception cref="ServerStartException">The program is missing.</exception>
    public static async Task<(int ExitCode, string Output, string Error)> TryRunAsync(
        string program, IReadOnlyList<string> arguments, CancellationToken cancellation, string? input = null, string? directory = null)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = directory ?? "/",
        };
        using var process = StartProcess(start);
        try
        {
            var output = process.StandardOutput.ReadToEndAsync(cancellation);
            var error = process.StandardError.ReadToEndAsync(cancellation);
            await WriteAsync(process, input).ConfigureAwait(false);
            await process.WaitForExitAsync(cancellation).ConfigureAwait(false);
            return (process.ExitCode, await output.ConfigureAwait(false), await error.ConfigureAwait(false));
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill(entireProcessTree: true);
            }
        }
    }

    /// <summary>Whether a program is on the search path.</summary>
    public static bool Exists(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "/usr/bin:/bin").Split(Path.PathSeparator).Any(folder => File.Exists(Path.Combine(folder, program)));

    private static Process StartProcess(ProcessStartInfo start)
    {
        try
        {
            return Process.Start(start)!;
        }
        catch (System.ComponentModel.Win32Exception exception)
        {
            throw new ServerStartException($"'{start.FileName}' could not be started: {exception.Message}.", exception);
        }
    }

    private static async Task WriteAsync(Process process, string? input)
    {
        try
        {
            await process.StandardInput.WriteAsync(input).ConfigureAwait(false);
            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // The program ended without reading its input; its exit code and error output tell why.
        }
    }
}
