using System.Collections.Concurrent;
using Microsoft.Extensions.Time.Testing;

namespace ServerSession.Tests;

/// <summary>A clock that stands still and lets a test act at the moment at which somebody looks at it.</summary>
internal sealed class HookedClock() : FakeTimeProvider(new DateTimeOffset(2030, 1, 1, 0, 0, 0, TimeSpan.Zero))
{
    private readonly ConcurrentQueue<Action> _hooks = new();

    /// <summary>What happens after the next looks, one action for each.</summary>
    public void OnNextLooks(params Action[] actions)
    {
        foreach (var action in actions)
        {
            _hooks.Enqueue(action);
        }
    }

    public override long GetTimestamp()
    {
        var now = base.GetTimestamp();
        if (_hooks.TryDequeue(out var hook))
        {
            hook();
        }

        return now;
    }
}
