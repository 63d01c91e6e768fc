namespace ServerSession.Hosting;

/// <summary>Knows whether the host was asked to shut down: from then on it is not ready, although it still serves.</summary>
internal sealed class HostPhase
{
    private volatile bool _leaving;

    public bool IsLeaving => _leaving;

    public void Leave() => _leaving = true;
}
