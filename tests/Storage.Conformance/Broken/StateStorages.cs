namespace ServerSession.Tests.Storage.Broken;

/// <summary>Leaves what the caller held of an absent row as it was.</summary>
public sealed class LeavesStateOfAbsentRow(IGrainStorage inner) : BrokenGrainStorage(inner)
{
    public override async Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState, CancellationToken cancellationToken)
    {
        var read = new GrainState<T>();
        await base.ReadStateAsync(stateName, grainId, read, cancellationToken);
        if (read.RecordExists)
        {
            (grainState.State, grainState.ETag, grainState.RecordExists) = (read.State, read.ETag, true);
        }
    }
}

/// <summary>Leaves the ETag and the content in the caller's state after a clear.</summary>
public sealed class LeavesStateAfterClear(IGrainStorage inner) : BrokenGrainStorage(inner)
{
    public override Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState, CancellationToken cancellationToken) =>
        base.ClearStateAsync(stateName, grainId, new GrainState<T>(grainState.State!, grainState.ETag!), cancellationToken);
}

/// <summary>Gives the caller of a refused call the stored ETag, with which its next try wins.</summary>
public sealed class GivesEtagWithRefusal(IGrainStorage inner) : BrokenGrainStorage(inner)
{
    public override async Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState, CancellationToken cancellationToken)
    {
        try
        {
            await base.WriteStateAsync(stateName, grainId, grainState, cancellationToken);
        }
        catch (InconsistentStateException)
        {
            grainState.ETag = await StoredEtag<T>(stateName, grainId);
            throw;
        }
    }
}

/// <summary>Keeps the caller's own object as what is stored.</summary>
public sealed class SharesBytes(IGrainStorage inner) : BrokenGrainStorage(inner)
{
    private readonly Dictionary<(string, GrainId), object?> _states = [];

    public override async Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState, CancellationToken cancellationToken)
    {
        await base.ReadStateAsync(stateName, grainId, grainState, cancellationToken);
        lock (_states)
        {
            if (grainState.RecordExists && _states.TryGetValue((stateName, grainId), out var state))
            {
                grainState.State = (T)state!;
            }
        }
    }

    public override async Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState, CancellationToken cancellationToken)
    {
        await base.WriteStateAsync(stateName, grainId, grainState, cancellationToken);
        lock (_states)
        {
            _states[(stateName, grainId)] = grainState.State;
        }
    }
}

/// <summary>Tells a cancelled caller at once, and changes its state when the write has landed.</summary>
public sealed class TouchesStateAfterCancel(IGrainStorage inner) : BrokenGrainStorage(inner)
{
    public override async Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState, CancellationToken cancellationToken)
    {
        if (!cancellationToken.CanBeCanceled)
        {
            await base.WriteStateAsync(stateName, grainId, grainState, CancellationToken.None);
            return;
        }

        var cancelled = new TaskCompletionSource();
        using var registration = cancellationToken.Register(cancelled.SetResult);
        await cancelled.Task;
        _ = base.WriteStateAsync(stateName, grainId, grainState, CancellationToken.None);
        throw new OperationCanceledException(cancellationToken);
    }
}

/// <summary>Deletes the row whose write was cancelled.</summary>
public sealed class LosesRowOnCancel(IGrainStorage inner) : BrokenGrainStorage(inner)
{
    public override async Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState, CancellationToken cancellationToken)
    {
        if (cancellationToken is { CanBeCanceled: true, IsCancellationRequested: false } && grainState.ETag is not null)
        {
            await base.ClearStateAsync(stateName, grainId, new GrainState<T>(grainState.State!, grainState.ETag), CancellationToken.None);
            throw new OperationCanceledException(cancellationToken);
        }

        await base.WriteStateAsync(stateName, grainId, grainState, CancellationToken.None);
    }
}

/// <summary>Acknowledges a write to somebody who had cancelled it before, and does not do it.</summary>
public sealed class AcknowledgesCancelled(IGrainStorage inner) : BrokenGrainStorage(inner)
{
    public override Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState, CancellationToken cancellationToken) =>
        cancellationToken.IsCancellationRequested
            ? Task.CompletedTask
            : base.WriteStateAsync(stateName, grainId, grainState, cancellationToken);
}
