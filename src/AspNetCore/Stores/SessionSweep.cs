using ServerSession.Core;

namespace ServerSession.AspNetCore;

/// <summary>Sweeps all shards of the cluster's clean-up index.</summary>
internal sealed class SessionSweep(IGrainFactory grains)
{
    public async ValueTask<SessionSweepResult> RunAsync(CancellationToken cancellationToken)
    {
        var run = Guid.NewGuid();
        long looked = 0, removed = 0, failed = 0;
        for (var shard = 0; shard < ExpiryShards.All; shard++)
        {
            ShardSweepReply reply;
            do
            {
                cancellationToken.ThrowIfCancellationRequested();
                reply = await SweepAsync(shard, run, cancellationToken);
                looked += reply.Looked;
                removed += reply.Removed;
                failed += reply.Failed;
            }
            while (reply.HasMore);
        }

        return failed == 0
            ? new SessionSweepResult(looked, removed)
            : throw new SessionUnavailableException($"{failed} of {looked} rows could not be looked at or removed; {removed} were removed. Call SweepAsync again.");
    }

    private async Task<ShardSweepReply> SweepAsync(int shard, Guid run, CancellationToken cancellationToken)
    {
        try
        {
            return await grains.GetGrain<IExpiryShardGrain>(shard).SweepAsync(run).AsTask().WaitAsync(cancellationToken);
        }
        catch (Exception exception) when (exception is not (SessionUnavailableException or OperationCanceledException))
        {
            throw new SessionUnavailableException("The cluster cannot sweep now. Call SweepAsync again.", exception);
        }
    }
}
