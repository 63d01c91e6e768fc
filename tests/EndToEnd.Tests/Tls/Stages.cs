using Orleans;
using Orleans.Runtime;

namespace ServerSession.Tests;

/// <summary>The stages of a start, run at once and in the order of their subscription.</summary>
internal sealed class Stages : ISiloLifecycle, IClusterClientLifecycle
{
    private readonly List<ILifecycleObserver> _observers = [];

    public int HighestCompletedStage => 0;

    public int LowestStoppedStage => 0;

    public IDisposable Subscribe(string observerName, int stage, ILifecycleObserver observer)
    {
        _observers.Add(observer);
        return TextReader.Null;
    }

    public async Task StartAsync()
    {
        foreach (var observer in _observers)
        {
            await observer.OnStart(CancellationToken.None);
        }
    }
}
