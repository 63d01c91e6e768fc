namespace ServerSession.Tests.Storage.Broken;

/// <summary>Fails every call through its task.</summary>
public sealed class Fails(IGrainStorage inner) : BrokenGrainStorage(inner)
{
    public override Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState, CancellationToken cancellationToken) => Fail();

    public override Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState, CancellationToken cancellationToken) => Fail();

    public override Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState, CancellationToken cancellationToken) => Fail();

    private static Task Fail() => Task.FromException(new IOException("The store fails."));
}

/// <summary>Throws at the call itself instead of failing its task.</summary>
public sealed class ThrowsSynchronously(IGrainStorage inner) : BrokenGrainStorage(inner)
{
    public override Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState, CancellationToken cancellationToken) =>
        Wait(base.WriteStateAsync(stateName, grainId, grainState, cancellationToken));

    public override Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState, CancellationToken cancellationToken) =>
        Wait(base.ClearStateAsync(stateName, grainId, grainState, cancellationToken));

    private static Task Wait(Task task)
    {
        task.GetAwaiter().GetResult();
        return task;
    }
}

/// <summary>Throws at every third call itself instead of failing its task, before it does anything.</summary>
public sealed class ThrowsAtTheCall(IGrainStorage inner) : BrokenGrainStorage(inner)
{
    private int _calls;

    public override Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState, CancellationToken cancellationToken)
    {
        Throw();
        return base.ReadStateAsync(stateName, grainId, grainState, cancellationToken);
    }

    public override Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState, CancellationToken cancellationToken)
    {
        Throw();
        return base.WriteStateAsync(stateName, grainId, grainState, cancellationToken);
    }

    public override Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState, CancellationToken cancellationToken)
    {
        Throw();
        return base.ClearStateAsync(stateName, grainId, grainState, cancellationToken);
    }

    private void Throw()
    {
        if (Interlocked.Increment(ref _calls) % 3 == 0)
        {
            throw new IOException("The store throws.");
        }
    }
}

/// <summary>Never answers.</summary>
public sealed class Hangs(IGrainStorage inner) : BrokenGrainStorage(inner)
{
    public override Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState, CancellationToken cancellationToken) => Never();

    public override Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState, CancellationToken cancellationToken) => Never();

    public override Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState, CancellationToken cancellationToken) => Never();

    private static Task Never() => new TaskCompletionSource().Task;
}

/// <summary>Answers a moment late, which is no defect: what a store promises does not depend on its speed.</summary>
public sealed class AnswersLate(IGrainStorage inner) : BrokenGrainStorage(inner)
{
    public override async Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState, CancellationToken cancellationToken)
    {
        await base.ReadStateAsync(stateName, grainId, grainState, cancellationToken);
        await Late();
    }

    public override async Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState, CancellationToken cancellationToken)
    {
        await base.WriteStateAsync(stateName, grainId, grainState, cancellationToken);
        await Late();
    }

    public override async Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState, CancellationToken cancellationToken)
    {
        await base.ClearStateAsync(stateName, grainId, grainState, cancellationToken);
        await Late();
    }

    private static Task Late() => Task.Delay(TimeSpan.FromMilliseconds(1));
}

/// <summary>Shows a reader what was stored before the last write.</summary>
public sealed class ReadsOldValues(IGrainStorage inner) : BrokenGrainStorage(inner)
{
    private readonly Dictionary<(string, GrainId), (object? State, string? Etag)> _before = [];

    public override async Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState, CancellationToken cancellationToken)
    {
        await base.ReadStateAsync(stateName, grainId, grainState, cancellationToken);
        lock (_before)
        {
            if (_before.TryGetValue((stateName, grainId), out var old))
            {
                (grainState.State, grainState.ETag) = ((T)old.State!, old.Etag);
            }
        }
    }

    public override async Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState, CancellationToken cancellationToken)
    {
        var old = new GrainState<T>();
        await base.ReadStateAsync(stateName, grainId, old, cancellationToken);
        await base.WriteStateAsync(stateName, grainId, grainState, cancellationToken);
        lock (_before)
        {
            if (old.RecordExists)
            {
                _before[(stateName, grainId)] = (old.State, old.ETag);
            }
        }
    }
}
