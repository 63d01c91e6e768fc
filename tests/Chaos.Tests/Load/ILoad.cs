namespace ServerSession.Tests;

/// <summary>Requests that go on while the cluster is broken and mended.</summary>
internal interface ILoad
{
    /// <summary>Ends when so many more changes were acknowledged, or the time is over.</summary>
    Task AcknowledgedAsync(int more, TimeSpan atMost);
}
