namespace ServerSession.Grains;

/// <summary>When the pages of a shard are due, as of its last sweep: what is due grows with the time, also where nobody sweeps.</summary>
internal sealed class ExpiryBacklog((DateTimeOffset DueAt, int Pages)[] entries)
{
    /// <summary>How many pages are due, those of a segment that is due all counted, and since when the oldest is.</summary>
    public (int Pages, DateTimeOffset? Oldest) Due(DateTimeOffset now)
    {
        var due = 0;
        DateTimeOffset? oldest = null;
        foreach (var (dueAt, pages) in entries)
        {
            if (dueAt <= now)
            {
                due += pages;
                oldest = oldest is null || dueAt < oldest ? dueAt : oldest;
            }
        }

        return (due, oldest);
    }
}
