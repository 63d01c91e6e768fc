using System.Diagnostics;

namespace ServerSession.Tests;

/// <summary>Runs a program of the system that the test cannot do without.</summary>
internal static class Shell
{
    /// <exception cref="InvalidOperationException">The program is missing or failed: the machine cannot run this test, which is a failure and no skip.</exception>
    public static void Run(string purpose, string program, params string[] arguments)
    {
        string said;
        try
        {
            using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
            said = process.StandardError.ReadToEnd();
            process.WaitForExit();
            if (process.ExitCode == 0)
            {
                return;
            }
        }
        catch (System.ComponentModel.Win32Exception missing)
        {
            said = missing.Message;
        }

        throw new InvalidOperationException($"This test has to {purpose}, which takes root and {program}: {said.Trim()}");
    }
}
