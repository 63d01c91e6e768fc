namespace ServerSession.Hosting;

/// <summary>Knows whether the host was asked to shut down: from then on it is not ready, although it still serves.</summary>
public sealed class HostPhase
{
    private volatile bool _leaving;
    private IDisposable? _early;

    public bool IsLeaving => _leaving;

    public void Leave() => _leaving = true;

    /// <summary>Hands over what takes the signals until the host's lifetime does.</summary>
    public void Keep(IDisposable early) => _early = early;

    /// <summary>The lifetime takes the signals from now on.</summary>
    public void TakeSignals() => Interlocked.Exchange(ref _early, null)?.Dispose();
}
