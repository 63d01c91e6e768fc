using Microsoft.Extensions.Options;
using ServerSession.Core;

namespace ServerSession.AspNetCore;

/// <summary>
/// Takes ids from blocks that a shard of the clean-up index has registered. The next block is fetched before the present one runs out, so creates
/// wait for one only when there was none for a time, and the index is written once for a block.
/// </summary>
/// <remarks>A block has as many ids as were used in about ten seconds, from 16 to 1,024: what is not used costs the clean-up a look.</remarks>
internal sealed class ReservedSessionIds(
    IGrainFactory grains, IOptions<ServerSessionOptions> options, TimeProvider time, IClusterConnection? connection = null) : ISessionIdSource
{
    private const int SmallestBlock = 16;

    /// <summary>Many creates may wait for the same block; so often one of them waits for the next.</summary>
    private const int MostWaits = 100;

    private static readonly TimeSpan BlockTime = TimeSpan.FromSeconds(10);

    private readonly Lock _lock = new();
    private readonly TimeSpan _firstLook = options.Value.IdleTimeout;
    private IdBlock? _present;
    private IdBlock? _next;
    private Task<Exception?>? _fetch;
    private int _size = SmallestBlock;

    public SessionIdLease TakeAtOnce() => TryTake(out var lease) ? lease : SessionIdLease.Unregistered();

    public ValueTask<SessionIdLease> TakeAsync() => TryTake(out var lease) ? new(lease) : TakeLaterAsync();

    private async ValueTask<SessionIdLease> TakeLaterAsync()
    {
        for (var wait = 0; wait < MostWaits; wait++)
        {
            switch (await FetchAsync().ConfigureAwait(false))
            {
                case null:
                    break;
                case ArgumentException:
                    // No silo of this cluster knows the index: they are older than this frontend.
                    return SessionIdLease.Unregistered();
                case var failure:
                    throw new SessionUnavailableException("The cluster gives no session ids now.", failure);
            }

            if (TryTake(out var lease))
            {
                return lease;
            }
        }

        throw new SessionUnavailableException("The cluster gives fewer session ids than are asked for.");
    }

    private bool TryTake(out SessionIdLease lease)
    {
        lock (_lock)
        {
            var now = time.GetTimestamp();
            while (_present is { } block)
            {
                if (block.TryTake(now, out lease))
                {
                    if (_next is null && block.IsRunningOut(now))
                    {
                        StartFetch();
                    }

                    return true;
                }

                Resize(block, now);
                _present = _next;
                _next = null;
            }
        }

        lease = default;
        return false;
    }

    private void Resize(IdBlock block, long now)
    {
        if (block.IsEmpty && time.GetElapsedTime(block.From, now) < BlockTime)
        {
            _size = Math.Min(block.Count * 2, ExpiryShards.MaximumBlock);
        }
        else if (!block.IsEmpty)
        {
            _size = Math.Max(block.Count / 2, SmallestBlock);
        }
    }

    /// <summary>Fetches a block, or waits for the one that is on its way; answers with what went wrong.</summary>
    private Task<Exception?> FetchAsync()
    {
        lock (_lock)
        {
            return _present is not null ? Task.FromResult<Exception?>(null) : StartFetch();
        }
    }

    private Task<Exception?> StartFetch() => _fetch is { IsCompleted: false } ? _fetch : _fetch = FetchOnceAsync(_size);

    private async Task<Exception?> FetchOnceAsync(int size)
    {
        // Off the caller's stack: the lock is held there.
        await Task.Yield();
        try
        {
            if (connection is { IsOpen: false })
            {
                // As long as it takes: each request that needs an id waits as long as it may.
                await connection.Opened.ConfigureAwait(false);
            }

            // Counted from before the call, so that it ends before the index stops waiting for the ids.
            var from = time.GetTimestamp();
            var shard = grains.GetGrain<IExpiryShardGrain>(Random.Shared.Next(ExpiryShards.Count));
            var reply = await shard.ReserveAsync(size, _firstLook).ConfigureAwait(false);
            var block = new IdBlock(reply.ToIds(), from, from + (long)(reply.ValidFor.TotalSeconds * time.TimestampFrequency));
            lock (_lock)
            {
                if (_present is null)
                {
                    _present = block;
                }
                else
                {
                    _next = block;
                }
            }

            return null;
        }
        catch (Exception exception)
        {
            return exception;
        }
    }
}
