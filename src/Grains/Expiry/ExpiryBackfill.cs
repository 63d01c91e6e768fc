using Orleans.Runtime;
using Orleans.Storage;
using ServerSession.Core;

namespace ServerSession.Grains;

/// <summary>
/// Registers the sessions that were stored before the index existed, once, where the storage can list its rows. A separate row says that it was
/// done; it is written last, so a silo that stops in between begins again. An id that stands in the index twice does no harm.
/// </summary>
internal sealed class ExpiryBackfill(
    Func<string, CancellationToken, IAsyncEnumerable<GrainId>>? list, SessionStorage storage, IGrainFactory grains, SweepPace pace)
{
    public const string MarkerState = "expiry-backfill";

    private const int AtOnce = 256;

    private static readonly GrainId Marker = GrainId.Create("session-expiry-backfill", "done");

    private bool _isDone = list is null;

    /// <summary>Registers them, unless that was done.</summary>
    /// <returns>How many were registered.</returns>
    public async Task<long> RunAsync(CancellationToken cancellationToken)
    {
        if (_isDone || await storage.ReadAsync(MarkerState, Marker) is not null)
        {
            _isDone = true;
            return 0;
        }

        var rows = 0L;
        var shards = new List<SessionId>[ExpiryShards.Count];
        await foreach (var grain in list!(SessionStorage.SessionState, cancellationToken))
        {
            if (!grain.TryGetGuidKey(out var key, out _) || key == Guid.Empty)
            {
                continue;
            }

            var id = SessionId.FromGrainKey(key);
            var shard = ExpiryShards.Of(id);
            (shards[shard] ??= []).Add(id);
            rows++;
            if (shards[shard].Count == AtOnce)
            {
                await RegisterAsync(shard, shards[shard]);
            }
        }

        for (var shard = 0; shard < shards.Length; shard++)
        {
            if (shards[shard] is { Count: > 0 } ids)
            {
                cancellationToken.ThrowIfCancellationRequested();
                await RegisterAsync(shard, ids);
            }
        }

        try
        {
            await storage.WriteAsync(MarkerState, Marker, [1], null);
        }
        catch (InconsistentStateException)
        {
            // Another silo did the same.
        }

        _isDone = true;
        return rows;
    }

    private async Task RegisterAsync(long shard, List<SessionId> ids)
    {
        if (!await pace.WaitAsync(ids.Count))
        {
            throw new OperationCanceledException("The silo stops.");
        }

        await grains.GetGrain<IExpiryShardGrain>(shard).RegisterAsync([.. ids]);
        ids.Clear();
    }
}
