using Microsoft.Extensions.Options;

namespace ServerSession.Tests.Stores;

/// <summary>The suite of session stores on the store in memory.</summary>
public sealed class InMemoryConformanceTests : SessionStoreSuite
{
    private readonly TestClock _time = new();

    protected override TimeProvider Time => _time;

    protected override ValueTask<IServerSessionStore> OpenAsync() => new(new InMemorySessionStore(Options.Create(new ServerSessionOptions()), _time));

    protected override ValueTask AdvanceAsync(TimeSpan time)
    {
        _time.Advance(time);
        return ValueTask.CompletedTask;
    }
}
