using System.Runtime.InteropServices;

namespace ServerSession.Hosting;

/// <summary>Ends the process without an orderly stop.</summary>
public interface IProcessExit
{
    void Now(int exitCode);
}

/// <summary>Ends this process.</summary>
public sealed class ProcessExit : IProcessExit
{
    public void Now(int exitCode) => Environment.Exit(exitCode);
}

/// <summary>The exit codes of a host that ends without an orderly stop.</summary>
public static class ExitCode
{
    public const int Failure = 1;

    private const int Signalled = 128;

    /// <summary>What a shell reports of a process that a signal ended.</summary>
    public static int OfSignal(PosixSignal signal) => Signalled + signal switch
    {
        PosixSignal.SIGINT => 2,
        PosixSignal.SIGQUIT => 3,
        _ => 15,
    };
}
