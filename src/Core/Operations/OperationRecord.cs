namespace ServerSession.Core;

/// <summary>What is remembered of one applied or refused operation.</summary>
public readonly struct OperationRecord
{
    /// <summary>What one result counts beside its value, so that many small results are bounded as well.</summary>
    private const int ResultOverhead = 16;

    private readonly object? _detail;

    public OperationRecord(
        OperationId id, DateTimeOffset issuedAt, IReadOnlyList<SessionChangeResult>? results, SessionRefusal? refusal, ulong firstUnanswered = 0)
        : this(id, issuedAt.UtcTicks, (object?)refusal ?? results, firstUnanswered)
    {
    }

    private OperationRecord(OperationId id, long issuedTicks, object? detail, ulong firstUnanswered)
    {
        Id = id;
        IssuedTicks = issuedTicks;
        FirstUnanswered = firstUnanswered;
        _detail = detail;
    }

    public OperationId Id { get; }

    /// <summary>When the operation was issued, or one whose record this one replaced, whichever is later.</summary>
    public long IssuedTicks { get; }

    public DateTimeOffset IssuedAt => new(IssuedTicks, TimeSpan.Zero);

    /// <summary>Operations of the same source with a lower number are not waited for any more; zero where the source does not say.</summary>
    public ulong FirstUnanswered { get; }

    public IReadOnlyList<SessionChangeResult>? Results => _detail as IReadOnlyList<SessionChangeResult>;

    public SessionRefusal? Refusal => _detail as SessionRefusal;

    public SessionOutcome Outcome => Refusal is not { } refused
        ? SessionOutcome.Committed
        : refused.Limit is null ? SessionOutcome.Mismatch : SessionOutcome.TooLarge;

    /// <summary>About how many bytes the results or the refusal hold.</summary>
    public long DetailBytes
    {
        get
        {
            if (_detail is null)
            {
                return 0;
            }

            long bytes = Refusal?.Message.Length ?? 0;
            for (var index = 0; index < (Results?.Count ?? 0); index++)
            {
                bytes += ResultOverhead + (Results![index].Value?.Bytes.Length ?? 0);
            }

            return bytes;
        }
    }

    /// <summary>The record of a commit.</summary>
    public static OperationRecord Of(CommitSession request, IReadOnlyList<SessionChangeResult>? results, SessionRefusal? refusal) =>
        new(request.Operation, request.IssuedAt, results, refusal, request.FirstUnanswered);

    /// <summary>The record in the place of the answered ones of its source.</summary>
    public OperationRecord Replacing(ulong firstUnanswered, long issuedTicks) => new(Id, issuedTicks, _detail, firstUnanswered);
}
