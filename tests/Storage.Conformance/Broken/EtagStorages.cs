using System.Collections.Concurrent;

namespace ServerSession.Tests.Storage.Broken;

/// <summary>Writes whatever the caller's ETag is: an upsert.</summary>
public sealed class IgnoresEtagsOfWrites(IGrainStorage inner) : BrokenGrainStorage(inner)
{
    public override async Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState, CancellationToken cancellationToken)
    {
        var inserts = grainState.ETag is null;
        for (var attempt = 0; ; attempt++)
        {
            if (!inserts)
            {
                grainState.ETag = await StoredEtag<T>(stateName, grainId);
            }

            try
            {
                await base.WriteStateAsync(stateName, grainId, grainState, cancellationToken);
                return;
            }
            catch (InconsistentStateException) when (!inserts && attempt < 1000)
            {
                // Somebody wrote since; this store writes over that as well.
            }
        }
    }
}

/// <summary>Clears whatever the caller's ETag is.</summary>
public sealed class IgnoresEtagsOfClears(IGrainStorage inner) : BrokenGrainStorage(inner)
{
    public override async Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState, CancellationToken cancellationToken)
    {
        if (grainState.ETag is not null)
        {
            grainState.ETag = await StoredEtag<T>(stateName, grainId);
        }

        await base.ClearStateAsync(stateName, grainId, grainState, cancellationToken);
    }
}

/// <summary>Takes an insert of a row that exists for an update.</summary>
public sealed class AcceptsSecondInsert(IGrainStorage inner) : BrokenGrainStorage(inner)
{
    public override async Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState, CancellationToken cancellationToken)
    {
        grainState.ETag ??= await StoredEtag<T>(stateName, grainId);
        await base.WriteStateAsync(stateName, grainId, grainState, cancellationToken);
    }
}

/// <summary>Takes a clear without an ETag for one that may delete anything.</summary>
public sealed class ClearsWithoutEtag(IGrainStorage inner) : BrokenGrainStorage(inner)
{
    public override async Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState, CancellationToken cancellationToken)
    {
        grainState.ETag ??= await StoredEtag<T>(stateName, grainId);
        await base.ClearStateAsync(stateName, grainId, grainState, cancellationToken);
    }
}

/// <summary>Refuses a clear where there is nothing to clear.</summary>
public sealed class RefusesClearOfAbsent(IGrainStorage inner) : BrokenGrainStorage(inner)
{
    public override Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState, CancellationToken cancellationToken) =>
        grainState.ETag is null
            ? Task.FromException(new InconsistentStateException("Nothing to clear."))
            : base.ClearStateAsync(stateName, grainId, grainState, cancellationToken);
}

/// <summary>Compares ETags first and writes later, so that two callers can both find theirs current.</summary>
public sealed class ComparesThenWrites(IGrainStorage inner) : BrokenGrainStorage(inner)
{
    public override async Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState, CancellationToken cancellationToken)
    {
        await Check(stateName, grainId, grainState);
        for (var attempt = 0; ; attempt++)
        {
            var stored = await StoredEtag<T>(stateName, grainId);
            var write = new GrainState<T>(grainState.State!, stored);
            try
            {
                await base.WriteStateAsync(stateName, grainId, write, cancellationToken);
                grainState.ETag = write.ETag;
                grainState.RecordExists = true;
                return;
            }
            catch (InconsistentStateException) when (attempt < 1000)
            {
                // Somebody else was faster; this store does not mind.
            }
        }
    }

    private async Task Check<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        var stored = await StoredEtag<T>(stateName, grainId);
        if (stored != grainState.ETag)
        {
            throw new InconsistentStateException("Not the stored one.", stored, grainState.ETag);
        }

        // Long enough for every concurrent caller to have compared as well.
        await Task.Delay(TimeSpan.FromMilliseconds(50));
    }
}

/// <summary>Counts a row's versions from one again after each clear, so that old ETags come back.</summary>
public sealed class RepeatsEtags(IGrainStorage inner) : BrokenGrainStorage(inner)
{
    private readonly ConcurrentDictionary<(string, GrainId), List<string>> _versions = new();

    public override async Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState, CancellationToken cancellationToken)
    {
        await base.ReadStateAsync(stateName, grainId, grainState, cancellationToken);
        grainState.ETag = grainState.ETag is { } etag ? Short(stateName, grainId, etag) : null;
    }

    public override async Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState, CancellationToken cancellationToken)
    {
        var known = grainState.ETag;
        grainState.ETag = Long(stateName, grainId, known);
        try
        {
            await base.WriteStateAsync(stateName, grainId, grainState, cancellationToken);
            grainState.ETag = Short(stateName, grainId, grainState.ETag!);
        }
        catch
        {
            grainState.ETag = known;
            throw;
        }
    }

    public override async Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState, CancellationToken cancellationToken)
    {
        grainState.ETag = Long(stateName, grainId, grainState.ETag);
        await base.ClearStateAsync(stateName, grainId, grainState, cancellationToken);
        _versions.TryRemove((stateName, grainId), out _);
    }

    private string Short(string stateName, GrainId grainId, string etag)
    {
        var versions = _versions.GetOrAdd((stateName, grainId), _ => []);
        lock (versions)
        {
            if (!versions.Contains(etag))
            {
                versions.Add(etag);
            }

            return $"v{versions.IndexOf(etag)}";
        }
    }

    private string? Long(string stateName, GrainId grainId, string? etag)
    {
        if (etag is null || !_versions.TryGetValue((stateName, grainId), out var versions))
        {
            return etag;
        }

        lock (versions)
        {
            return etag.Length > 1 && int.TryParse(etag.AsSpan(1), out var index) && index < versions.Count ? versions[index] : etag;
        }
    }
}
