using ServerSession.Core;

namespace ServerSession.Grains;

/// <summary>
/// Ids that are looked at together: those derived from a seed of which a bitmap says which are still in question, or ids that came from elsewhere
/// and are listed. Immutable.
/// </summary>
internal sealed class ExpiryPage
{
    private readonly byte[]? _left;
    private readonly SessionId[]? _listed;

    private ExpiryPage(Guid key, int count, byte[]? left, SessionId[]? listed)
    {
        Key = key;
        Count = count;
        _left = left;
        _listed = listed;
    }

    /// <summary>The seed, or a random name where the ids are listed.</summary>
    public Guid Key { get; }

    /// <summary>How many ids the page began with, where they come from a seed.</summary>
    public int Count { get; }

    /// <summary>When the page was registered.</summary>
    public required DateTimeOffset RegisteredAt { get; init; }

    /// <summary>From when on an id without a row can never get one.</summary>
    public required DateTimeOffset SettledAt { get; init; }

    /// <summary>When the page is worth the next look.</summary>
    public required DateTimeOffset DueAt { get; init; }

    /// <summary>The last run that looked at the page; not stored.</summary>
    public Guid LastRun { get; init; }

    public bool IsListed => _listed is not null;

    /// <summary>Which ids of the seed are still in question, the first in the lowest bit; empty where all are.</summary>
    public ReadOnlySpan<byte> Left => _left;

    public ReadOnlySpan<SessionId> Listed => _listed;

    public static ExpiryPage FromSeed(Guid seed, int count, DateTimeOffset registeredAt, DateTimeOffset settledAt, DateTimeOffset dueAt, byte[]? left = null) =>
        new(seed, count, left, null) { RegisteredAt = registeredAt, SettledAt = settledAt, DueAt = dueAt };

    public static ExpiryPage FromList(Guid key, SessionId[] ids, DateTimeOffset registeredAt, DateTimeOffset settledAt, DateTimeOffset dueAt) =>
        new(key, 0, null, ids) { RegisteredAt = registeredAt, SettledAt = settledAt, DueAt = dueAt };

    /// <summary>The ids that are still in question.</summary>
    public SessionId[] Ids()
    {
        if (_listed is not null)
        {
            return _listed;
        }

        var all = SessionIdSeed.Derive(Key, Count);
        return _left is null ? all : [.. all.Where((_, number) => IsLeft(_left, number))];
    }

    /// <summary>The page without some of its ids; null where none is left.</summary>
    public ExpiryPage? Without(IReadOnlySet<SessionId> gone)
    {
        if (gone.Count == 0)
        {
            return this;
        }

        if (_listed is not null)
        {
            return WithList([.. _listed.Where(id => !gone.Contains(id))]);
        }

        var left = new byte[(Count + 7) / 8];
        var any = false;
        var ids = SessionIdSeed.Derive(Key, Count);
        for (var number = 0; number < ids.Length; number++)
        {
            if ((_left is null || IsLeft(_left, number)) && !gone.Contains(ids[number]))
            {
                left[number / 8] |= (byte)(1 << (number % 8));
                any = true;
            }
        }

        return any ? FromSeed(Key, Count, RegisteredAt, SettledAt, DueAt, left) : null;
    }

    /// <summary>As <see cref="Without"/>, but of an id that is listed more than once only the first goes.</summary>
    public ExpiryPage? WithoutOne(IReadOnlySet<SessionId> gone)
    {
        if (_listed is null)
        {
            return Without(gone);
        }

        var left = new HashSet<SessionId>(gone);
        return WithList([.. _listed.Where(id => !left.Remove(id))]);
    }

    /// <summary>A listed page with the ids of another one added.</summary>
    public ExpiryPage Merge(ExpiryPage other) =>
        new(Key, 0, null, [.. _listed!, .. other._listed!])
        {
            RegisteredAt = RegisteredAt,
            SettledAt = SettledAt > other.SettledAt ? SettledAt : other.SettledAt,
            DueAt = DueAt < other.DueAt ? DueAt : other.DueAt,
        };

    /// <summary>The page as it is after a look.</summary>
    public ExpiryPage Looked(DateTimeOffset dueAt, Guid run) =>
        new(Key, Count, _left, _listed) { RegisteredAt = RegisteredAt, SettledAt = SettledAt, DueAt = dueAt, LastRun = run };

    /// <summary>
    /// When to look again: when the first of the rest is due, but not sooner than the least interval, and not sooner than an eighth of the page's
    /// age. So a page whose sessions end one by one over days is not visited once for each.
    /// </summary>
    public DateTimeOffset NextLook(DateTimeOffset now, DateTimeOffset earliest, TimeSpan leastInterval)
    {
        var eighth = (now - RegisteredAt) / 8;
        var interval = eighth > leastInterval ? eighth : leastInterval;
        var soonest = Core.Times.After(now, interval < ExpiryTimes.LongestInterval ? interval : ExpiryTimes.LongestInterval);
        return earliest > soonest ? earliest : soonest;
    }

    private ExpiryPage? WithList(SessionId[] ids) =>
        ids.Length == 0 ? null : new ExpiryPage(Key, 0, null, ids) { RegisteredAt = RegisteredAt, SettledAt = SettledAt, DueAt = DueAt };

    private static bool IsLeft(byte[] left, int number) => (left[number / 8] & (1 << (number % 8))) != 0;
}
