namespace ServerSession.Tests.Storage.Broken;

/// <summary>Acknowledges inserts that it does not do.</summary>
public sealed class LosesInserts(IGrainStorage inner) : BrokenGrainStorage(inner)
{
    public override Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState, CancellationToken cancellationToken)
    {
        if (grainState.ETag is not null)
        {
            return base.WriteStateAsync(stateName, grainId, grainState, cancellationToken);
        }

        grainState.ETag = "1";
        grainState.RecordExists = true;
        return Task.CompletedTask;
    }
}

/// <summary>Acknowledges updates that it does not do.</summary>
public sealed class LosesUpdates(IGrainStorage inner) : BrokenGrainStorage(inner)
{
    public override Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState, CancellationToken cancellationToken) =>
        grainState.ETag is null ? base.WriteStateAsync(stateName, grainId, grainState, cancellationToken) : Task.CompletedTask;
}

/// <summary>Loses one write in a hundred, as a store does that drops what it is too busy for.</summary>
public sealed class LosesSomeWrites(IGrainStorage inner) : BrokenGrainStorage(inner)
{
    private int _writes;

    public override Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState, CancellationToken cancellationToken)
    {
        if (Interlocked.Increment(ref _writes) % 100 != 0)
        {
            return base.WriteStateAsync(stateName, grainId, grainState, cancellationToken);
        }

        grainState.ETag ??= "1";
        grainState.RecordExists = true;
        return Task.CompletedTask;
    }
}

/// <summary>Acknowledges every third update without doing it, and with the ETag that was there.</summary>
public sealed class DropsUpdates(IGrainStorage inner) : BrokenGrainStorage(inner)
{
    private int _updates;

    public override Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState, CancellationToken cancellationToken) =>
        grainState.ETag is null || Interlocked.Increment(ref _updates) % 3 != 0
            ? base.WriteStateAsync(stateName, grainId, grainState, cancellationToken)
            : Task.CompletedTask;
}

/// <summary>Acknowledges every third update with a new ETag and does not do it: nothing tells it from an honest one.</summary>
public sealed class ForgesEtags(IGrainStorage inner) : BrokenGrainStorage(inner)
{
    private int _updates;

    public override Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState, CancellationToken cancellationToken)
    {
        if (grainState.ETag is null || Interlocked.Increment(ref _updates) % 3 != 0)
        {
            return base.WriteStateAsync(stateName, grainId, grainState, cancellationToken);
        }

        grainState.ETag = Guid.NewGuid().ToString();
        return Task.CompletedTask;
    }
}

/// <summary>Acknowledges clears that it does not do.</summary>
public sealed class LosesClears(IGrainStorage inner) : BrokenGrainStorage(inner)
{
    public override Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState, CancellationToken cancellationToken)
    {
        grainState.State = Activator.CreateInstance<T>();
        grainState.ETag = null;
        grainState.RecordExists = false;
        return Task.CompletedTask;
    }
}

/// <summary>Keeps a marker row for each cleared one and hides it, as several Orleans providers do unless told otherwise.</summary>
public sealed class KeepsRowsAfterClear(IGrainStorage inner) : BrokenGrainStorage(inner)
{
    private static readonly byte[] Marker = "cleared, really"u8.ToArray();

    public override async Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState, CancellationToken cancellationToken)
    {
        await base.ReadStateAsync(stateName, grainId, grainState, cancellationToken);
        if (grainState.State is StoredBytes stored && stored.Bytes.AsSpan().SequenceEqual(Marker))
        {
            grainState.State = Activator.CreateInstance<T>();
            grainState.ETag = null;
            grainState.RecordExists = false;
        }
    }

    public override async Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState, CancellationToken cancellationToken)
    {
        var hidden = new GrainState<T>();
        await base.ReadStateAsync(stateName, grainId, hidden, cancellationToken);
        if (grainState.ETag is null && hidden.State is StoredBytes stored && stored.Bytes.AsSpan().SequenceEqual(Marker))
        {
            grainState.ETag = hidden.ETag;
        }

        await base.WriteStateAsync(stateName, grainId, grainState, cancellationToken);
    }

    public override async Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState, CancellationToken cancellationToken)
    {
        var marker = new GrainState<T>((T)(object)new StoredBytes(Marker), grainState.ETag);
        await base.WriteStateAsync(stateName, grainId, marker, cancellationToken);
        grainState.State = Activator.CreateInstance<T>();
        grainState.ETag = null;
        grainState.RecordExists = false;
    }
}

/// <summary>Takes an empty value for a row that is not there.</summary>
public sealed class TakesEmptyForAbsent(IGrainStorage inner) : BrokenGrainStorage(inner)
{
    public override async Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState, CancellationToken cancellationToken)
    {
        await base.ReadStateAsync(stateName, grainId, grainState, cancellationToken);
        if (grainState.State is StoredBytes { Bytes.Length: 0 })
        {
            grainState.ETag = null;
            grainState.RecordExists = false;
        }
    }
}

/// <summary>Cuts values at 64 KB, as a column does that is too narrow.</summary>
public sealed class CutsLargeValues(IGrainStorage inner) : BrokenGrainStorage(inner)
{
    public override Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState, CancellationToken cancellationToken)
    {
        if (grainState.State is StoredBytes { Bytes.Length: > 65535 } large)
        {
            grainState.State = (T)(object)new StoredBytes(large.Bytes[..65535]);
        }

        return base.WriteStateAsync(stateName, grainId, grainState, cancellationToken);
    }
}
