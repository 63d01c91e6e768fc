using System.Collections.Concurrent;
using Orleans.Storage;
using ServerSession.Tests.Storage.Broken;

namespace ServerSession.Tests.Support;

/// <summary>Shows the first reader after a write the row before, with its ETag, as a replica does that lags behind.</summary>
internal sealed class ReadsTheRowBefore(IGrainStorage inner) : BrokenGrainStorage(inner)
{
    private readonly ConcurrentDictionary<GrainId, (byte[] Bytes, string ETag)> _now = new();
    private readonly ConcurrentDictionary<GrainId, (byte[] Bytes, string ETag)> _before = new();

    public override async Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState, CancellationToken cancellationToken)
    {
        await base.ReadStateAsync(stateName, grainId, grainState, cancellationToken);
        if (grainState.State is StoredPayload payload && _before.TryRemove(grainId, out var before))
        {
            (payload.Bytes, grainState.ETag, grainState.RecordExists) = (before.Bytes, before.ETag, true);
        }
    }

    public override async Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState, CancellationToken cancellationToken)
    {
        await base.WriteStateAsync(stateName, grainId, grainState, cancellationToken);
        if (_now.TryGetValue(grainId, out var before))
        {
            _before[grainId] = before;
        }

        _now[grainId] = (((StoredPayload)(object)grainState.State!).Bytes, grainState.ETag!);
    }
}

/// <summary>Shows a reader half of what was written, or none of it.</summary>
internal sealed class ReadsGarbage(IGrainStorage inner, Func<byte[], byte[]> spoil) : BrokenGrainStorage(inner)
{
    public override async Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState, CancellationToken cancellationToken)
    {
        await base.ReadStateAsync(stateName, grainId, grainState, cancellationToken);
        if (grainState.State is StoredPayload { Bytes.Length: > 0 } payload)
        {
            payload.Bytes = spoil(payload.Bytes);
        }
    }
}
