namespace ServerSession.Core;

/// <summary>What is remembered of one applied or refused operation.</summary>
internal sealed record OperationRecord(
    OperationId Id,
    DateTimeOffset IssuedAt,
    SessionOutcome Outcome,
    IReadOnlyList<SessionChangeResult>? Results,
    SessionRefusal? Refusal)
{
    /// <summary>The bytes that the results hold.</summary>
    public int ResultBytes
    {
        get
        {
            var bytes = 0;
            for (var index = 0; index < (Results?.Count ?? 0); index++)
            {
                bytes += Results![index].Value?.Bytes.Length ?? 0;
            }

            return bytes;
        }
    }
}

/// <summary>
/// The operations of the last window: immutable. A repeat is answered from here; what was dropped for room raises the floor, and an
/// operation issued at or before the floor is refused, so that nothing is ever applied twice.
/// </summary>
internal sealed class OperationLog(IReadOnlyList<OperationRecord> records, DateTimeOffset floor)
{
    /// <summary>How many operations are remembered at most.</summary>
    public const int MaximumRecords = 1024;

    /// <summary>How many bytes of results are remembered at most, beside the newest operation's.</summary>
    public const int MaximumResultBytes = 64 * 1024;

    public static OperationLog Empty { get; } = new([], DateTimeOffset.MinValue);

    public IReadOnlyList<OperationRecord> Records { get; } = records;

    /// <summary>Operations issued at or before this time may have been forgotten.</summary>
    public DateTimeOffset Floor { get; } = floor;

    public OperationRecord? Find(OperationId id)
    {
        for (var index = Records.Count - 1; index >= 0; index--)
        {
            if (Records[index].Id == id)
            {
                return Records[index];
            }
        }

        return null;
    }

    /// <summary>Adds an operation, and drops those no repeat can be accepted for any more.</summary>
    public OperationLog Add(OperationRecord record, DateTimeOffset now, TimeSpan window)
    {
        var kept = new List<OperationRecord>(Math.Min(Records.Count + 1, MaximumRecords));
        var floor = Floor;
        var room = MaximumRecords - 1;
        var bytes = MaximumResultBytes;
        for (var index = Records.Count - 1; index >= 0; index--)
        {
            var old = Records[index];
            if (old.IssuedAt + window < now)
            {
                continue;
            }

            room--;
            bytes -= old.ResultBytes;
            if (room >= 0 && bytes >= 0)
            {
                kept.Add(old);
            }
            else if (old.IssuedAt > floor)
            {
                floor = old.IssuedAt;
            }
        }

        kept.Reverse();
        kept.Add(record);
        return new OperationLog(kept.ToArray(), floor);
    }
}
