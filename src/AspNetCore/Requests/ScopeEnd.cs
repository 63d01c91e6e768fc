namespace ServerSession.AspNetCore;

/// <summary>What is to be done when a service scope ends: of a hub's connection over long polling, whose HttpContext has no response that would be completed.</summary>
internal sealed class ScopeEnd : IDisposable
{
    private readonly Lock _lock = new();
    private Action? _action;

    public void Add(Action action)
    {
        lock (_lock)
        {
            _action += action;
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            _action?.Invoke();
            _action = null;
        }
    }
}
