using Orleans.Runtime;

namespace ServerSession.Grains;

/// <summary>What a look at a page found.</summary>
/// <param name="Gone">The ids that have no row and never will again.</param>
/// <param name="Earliest">When the first of the others is worth a look; the end of time where there is none.</param>
/// <param name="Looked">How many ids were looked up.</param>
/// <param name="Removed">How many rows were removed.</param>
/// <param name="Failed">How many ids could not be looked at or ended.</param>
/// <param name="Unreadable">The ids whose rows this silo cannot read.</param>
internal sealed record PageFindings(HashSet<SessionId> Gone, DateTimeOffset Earliest, int Looked, int Removed, int Failed, IReadOnlyList<SessionId> Unreadable);

/// <summary>
/// Looks at the rows of a page's ids: straight in the storage, so that nothing is activated for a session that lives or is gone. Only the grain
/// ends a session, because it may know of accesses that the row does not.
/// </summary>
internal sealed class PageLook(SessionStorage storage, SweepPace pace, SessionClock clock, ExpiringRows rows)
{
    private const int Batch = 16;

    /// <summary>When a row that cannot be read is looked at again: a newer silo may come, or an operator repair it.</summary>
    private static readonly TimeSpan UnreadablePause = TimeSpan.FromDays(1);

    private enum Finding
    {
        Failed,
        Absent,
        Later,
        Removed,
        Unreadable,
    }

    public async Task<PageFindings> LookAsync(ExpiryPage page)
    {
        var ids = page.Ids();
        var gone = new HashSet<SessionId>();
        List<SessionId> unreadable = [];
        var earliest = DateTimeOffset.MaxValue;
        int looked = 0, removed = 0, failed = 0;
        for (var from = 0; from < ids.Length; from += Batch)
        {
            var batch = ids[from..Math.Min(from + Batch, ids.Length)];
            if (!await pace.WaitAsync(batch.Length))
            {
                earliest = DateTimeOffset.MinValue;
                break;
            }

            // As of before the look: whatever has no row now can never get one.
            var isSettled = clock.Time.GetUtcNow() >= page.SettledAt;
            var began = clock.Monotonic.GetTimestamp();
            var findings = await Task.WhenAll(batch.Select(LookAsync));
            pace.Took(clock.Monotonic.GetElapsedTime(began));
            looked += batch.Length;
            var failedBefore = failed;
            for (var number = 0; number < batch.Length; number++)
            {
                var (finding, dueAt) = findings[number];
                removed += finding == Finding.Removed ? 1 : 0;
                failed += finding == Finding.Failed ? 1 : 0;
                if (finding == Finding.Unreadable)
                {
                    unreadable.Add(batch[number]);
                }

                if (finding is Finding.Absent or Finding.Removed)
                {
                    // Before that a create may be on its way.
                    if (isSettled)
                    {
                        gone.Add(batch[number]);
                        continue;
                    }

                    dueAt = page.SettledAt;
                }

                earliest = dueAt < earliest ? dueAt : earliest;
            }

            if (failed - failedBefore == batch.Length)
            {
                // The storage or the cluster has trouble, not one session: the rest of the page waits for a better time.
                break;
            }
        }

        return new PageFindings(gone, earliest, looked, removed, failed, unreadable);
    }

    private async Task<(Finding, DateTimeOffset DueAt)> LookAsync(SessionId id)
    {
        try
        {
            var key = id.ToGrainKey();
            if (await storage.ReadAsync(rows.State, GrainId.Create(rows.Type, GrainIdKeyExtensions.CreateGuidKey(key))) is not { } row)
            {
                return (Finding.Absent, default);
            }

            var now = clock.Time.GetUtcNow();
            if (rows.ReadDue(row.Bytes) is not { } dueAt)
            {
                return (Finding.Unreadable, now + UnreadablePause);
            }

            if (dueAt > now)
            {
                return (Finding.Later, dueAt);
            }

            var reply = await rows.ExpireAsync(key);
            return reply.Gone ? (Finding.Removed, default) : (Finding.Later, reply.ExpiresAt);
        }
        catch (Exception exception) when (exception is SessionUnavailableException or TimeoutException or OrleansException)
        {
            return (Finding.Failed, DateTimeOffset.MinValue);
        }
    }
}
