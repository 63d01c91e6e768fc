namespace ServerSession.Core;

/// <summary>The Orleans client of a process that serves before the client has connected. A process whose start waits for the client has none.</summary>
public interface IClusterConnection
{
    /// <summary>Whether the client has been started and not stopped, so that grains can be called.</summary>
    bool IsOpen { get; }

    /// <summary>Ends when the client has been started, or when it stops before that.</summary>
    Task Opened { get; }
}
