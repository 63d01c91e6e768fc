using System.Runtime.InteropServices;

namespace ServerSession.Hosting;

/// <summary>Takes the signals before the host can: nothing has started yet, so the process just ends, which is what it was asked to do.</summary>
public sealed class EarlySignals : IDisposable
{
    private readonly IDisposable[] _registrations =
    [
        PosixSignalRegistration.Create(PosixSignal.SIGTERM, End),
        PosixSignalRegistration.Create(PosixSignal.SIGINT, End),
    ];

    public void Dispose()
    {
        foreach (var registration in _registrations)
        {
            registration.Dispose();
        }
    }

    private static void End(PosixSignalContext context)
    {
        context.Cancel = true;
        Environment.Exit(0);
    }
}
