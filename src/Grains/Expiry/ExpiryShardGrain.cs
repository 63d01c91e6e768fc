using Microsoft.Extensions.Logging;
using Orleans.Concurrency;
using Orleans.Runtime;
using ServerSession.Core;

namespace ServerSession.Grains;

/// <summary>Owns a shard of the clean-up index. Ids are registered while it sweeps, so its calls interleave; the index puts its writes in order.</summary>
[GrainType("session-expiry"), Reentrant]
internal sealed partial class ExpiryShardGrain(IGrainContext context, ExpiryServices services) : IGrainBase, IExpiryShardGrain
{
    /// <summary>For how long one call sweeps; then its caller asks again, or asks another shard.</summary>
    private static readonly TimeSpan CallTime = TimeSpan.FromSeconds(1);

    /// <summary>After so many pages of which nothing could be looked at, the storage or the cluster is given the interval to recover.</summary>
    private const int MostTroubles = 3;

    private readonly AsyncLock _sweeping = new();
    private readonly HashSet<SessionId> _unreadable = [];
    private readonly PageLook _look = services.NewLook(context.GrainId.GetIntegerKey());
    private ExpiryIndex _index = services.NewIndex(context.GrainId);

    public IGrainContext GrainContext => context;

    private long Shard => context.GrainId.GetIntegerKey();

    public async ValueTask<SessionIdBlock> ReserveAsync(int count, TimeSpan firstLook)
    {
        count = Math.Clamp(count, 1, ExpiryShards.MaximumBlock);
        var validFor = services.Options.Expiry.ReservationTime;
        var seed = SessionIdSeed.New();
        var now = services.Now;
        var settledAt = Times.After(now, validFor + services.CreateTail);
        var lookAt = Times.After(now, firstLook < ExpiryTimes.LongestInterval ? firstLook : ExpiryTimes.LongestInterval);
        await AddAsync(ExpiryPage.FromSeed(seed, count, now, settledAt, settledAt > lookAt ? settledAt : lookAt));
        services.Metrics.Reserved(count);
        return new SessionIdBlock { Seed = seed, Count = count, ValidFor = validFor };
    }

    public async ValueTask RegisterAsync(SessionId[] ids)
    {
        foreach (var part in ids.Chunk(services.Sizes.ListedIds))
        {
            var now = services.Now;
            var settledAt = Times.After(now, services.CreateTail);
            await AddAsync(ExpiryPage.FromList(SessionIdSeed.New(), part, now, settledAt, settledAt));
            services.Metrics.Registered(part.Length);
        }
    }

    public async ValueTask<ShardSweepReply> SweepAsync(Guid? run)
    {
        // Every silo asks every shard for what is due, so one that sweeps already is left to it.
        if (run is null && !_sweeping.TryEnter())
        {
            return default;
        }

        if (run is not null)
        {
            await _sweeping.WaitAsync();
        }

        using var releaser = new AsyncLock.Releaser(_sweeping);
        var index = _index;
        try
        {
            var reply = await SweepAsync(index, run);
            services.Metrics.Backlog(Shard, index.Backlog());
            return reply;
        }
        catch (SessionUnavailableException exception)
        {
            LogSweepFailed(services.Logger, exception, Shard);
            Replace(index);
            throw;
        }
    }

    public Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        services.Metrics.Forget(Shard);
        return Task.CompletedTask;
    }

    private async Task<ShardSweepReply> SweepAsync(ExpiryIndex index, Guid? run)
    {
        var reply = new ShardSweepReply { HasMore = true };
        var troubles = 0;
        var began = services.Clock.Monotonic.GetTimestamp();
        while (reply.HasMore && services.Clock.Monotonic.GetElapsedTime(began) < CallTime && !services.Pace.IsStopped)
        {
            if (await index.NextAsync(services.Now, run) is not { } page)
            {
                reply = reply with { HasMore = false };
                break;
            }

            var found = await _look.LookAsync(page);
            services.Metrics.Swept(found);
            LogUnreadable(found.Unreadable);
            index.Apply(page, found.Gone, NextLook(page, found), run);
            troubles += found.Failed > 0 && found.Failed == found.Looked ? 1 : 0;
            reply = new ShardSweepReply
            {
                Looked = reply.Looked + found.Looked,
                Removed = reply.Removed + found.Removed,
                Failed = reply.Failed + found.Failed,
                HasMore = troubles < MostTroubles,
            };
        }

        await index.FlushAsync();
        return reply;
    }

    private DateTimeOffset NextLook(ExpiryPage page, PageFindings found)
    {
        var interval = services.Options.Expiry.Interval;
        return found.Failed > 0 ? Times.After(services.Now, interval) : page.NextLook(services.Now, found.Earliest, interval);
    }

    private async ValueTask AddAsync(ExpiryPage page)
    {
        var index = _index;
        try
        {
            await index.AddAsync(page);
        }
        catch (SessionUnavailableException exception)
        {
            LogRegistrationFailed(services.Logger, exception, Shard);
            Replace(index);
            throw;
        }
    }

    private void Replace(ExpiryIndex index)
    {
        if (ReferenceEquals(_index, index))
        {
            _index = services.NewIndex(context.GrainId);
        }
    }

    private void LogUnreadable(IReadOnlyList<SessionId> ids)
    {
        foreach (var id in ids)
        {
            if (_unreadable.Count < 10_000 && _unreadable.Add(id))
            {
                LogUnreadableRow(services.Logger, id);
            }
        }
    }
}
