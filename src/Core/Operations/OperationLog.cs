namespace ServerSession.Core;

/// <summary>
/// Idempotency log: the results of the operations that may arrive once more, in the order of their arrival, to answer retries. Immutable.
/// </summary>
/// <remarks>
/// As in RIFL (Lee et al., "Implementing Linearizability at Large Scale and Low Latency", SOSP 2015): each source numbers its operations, and each message says which is the first that the source still waits for
/// (<see cref="CommitSession.FirstUnanswered"/>). What is below that is forgotten and refused from then on, whether or not it ever arrived. So few records are
/// left, and what its caller has given up does not take effect after a later operation of the same source.
/// <para>
/// A source that is not heard of is forgotten by time, and so are the operations of one that does not number them: an operation is accepted only
/// within the window after it was issued. Dropping a record raises <see cref="ExpiredThrough"/>, and an operation issued at or before that time is refused.
/// So none is applied twice, neither when the log is full nor after the session moved to a silo whose clock is behind.
/// </para>
/// </remarks>
public sealed class OperationLog
{
    /// <summary>The maximum number of operations that are remembered.</summary>
    public const int MaximumRecords = 1024;

    /// <summary>The maximum size of the remembered results and refusals in bytes, those of the newest operation not counted.</summary>
    public const int MaximumResultBytes = 64 * 1024;

    private readonly OperationRecord[] _records;
    private readonly long _expiredThroughTicks;

    /// <summary>Makes the log of records that were stored, oldest first.</summary>
    public OperationLog(OperationRecord[] records, DateTimeOffset expiredThrough)
        : this(records, expiredThrough.UtcTicks)
    {
    }

    private OperationLog(OperationRecord[] records, long expiredThroughTicks)
    {
        _records = records;
        _expiredThroughTicks = expiredThroughTicks;
    }

    public static OperationLog Empty { get; } = new([], DateTimeOffset.MinValue);

    public ReadOnlySpan<OperationRecord> Records => _records;

    /// <summary>Operations issued at or before this time may have been forgotten.</summary>
    public DateTimeOffset ExpiredThrough => new(_expiredThroughTicks, TimeSpan.Zero);

    /// <summary>Finds the record of a repeated operation.</summary>
    public bool TryFind(OperationId id, out OperationRecord record)
    {
        for (var index = _records.Length - 1; index >= 0; index--)
        {
            if (_records[index].Id == id)
            {
                record = _records[index];
                return true;
            }
        }

        record = default;
        return false;
    }

    /// <summary>Whether an operation that has no record may have had one, or was given up by its caller: it must not be applied.</summary>
    public bool HasForgotten(OperationId id, DateTimeOffset issuedAt) =>
        issuedAt.UtcTicks <= _expiredThroughTicks || id.Sequence < FirstUnanswered(id.Source);

    /// <summary>Adds an operation, and drops what is answered, what is older than the window, and the oldest where there are too many.</summary>
    public OperationLog Add(in OperationRecord record, DateTimeOffset now, TimeSpan window)
    {
        var source = record.Id.Source;
        var first = Math.Max(FirstUnanswered(source), Math.Min(record.FirstUnanswered, record.Id.Sequence));
        var oldest = now.UtcTicks - window.Ticks;
        var issued = record.IssuedTicks;
        var expired = _expiredThroughTicks;
        var count = 0;
        var bytes = 0L;
        foreach (ref readonly var known in Records)
        {
            if (IsAnswered(in known, source, first))
            {
                issued = Math.Max(issued, known.IssuedTicks);
            }
            else if (known.IssuedTicks < oldest)
            {
                expired = Math.Max(expired, known.IssuedTicks);
            }
            else
            {
                count++;
                bytes += known.DetailBytes;
            }
        }

        var records = new OperationRecord[Math.Min(count, MaximumRecords - 1) + 1];
        var kept = 0;
        foreach (ref readonly var known in Records)
        {
            if (IsAnswered(in known, source, first) || known.IssuedTicks < oldest)
            {
                continue;
            }

            if (count > MaximumRecords - 1 || bytes > MaximumResultBytes)
            {
                expired = Math.Max(expired, known.IssuedTicks);
                bytes -= known.DetailBytes;
                count--;
            }
            else
            {
                records[kept++] = known;
            }
        }

        records[kept++] = record.Replacing(first, issued);
        Array.Resize(ref records, kept);
        return new OperationLog(records, expired);
    }

    private static bool IsAnswered(in OperationRecord record, ulong source, ulong first) => record.Id.Source == source && record.Id.Sequence < first;

    /// <summary>What the newest record of a source says; each takes over what those before it said.</summary>
    private ulong FirstUnanswered(ulong source)
    {
        for (var index = _records.Length - 1; index >= 0; index--)
        {
            if (_records[index].Id.Source == source)
            {
                return _records[index].FirstUnanswered;
            }
        }

        return 0;
    }
}
