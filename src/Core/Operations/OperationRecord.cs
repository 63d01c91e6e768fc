namespace ServerSession.Core;

/// <summary>What is remembered of one applied or refused operation: small, because a hot session has many in its window.</summary>
internal readonly struct OperationRecord(
    OperationId id, DateTimeOffset issuedAt, IReadOnlyList<SessionChangeResult>? results, SessionRefusal? refusal)
{
    /// <summary>What one result counts beside its value, so that many small results are bounded as well.</summary>
    private const int ResultOverhead = 16;

    private readonly object? _detail = (object?)refusal ?? results;

    public OperationId Id { get; } = id;

    public long IssuedTicks { get; } = issuedAt.UtcTicks;

    public DateTimeOffset IssuedAt => new(IssuedTicks, TimeSpan.Zero);

    public IReadOnlyList<SessionChangeResult>? Results => _detail as IReadOnlyList<SessionChangeResult>;

    public SessionRefusal? Refusal => _detail as SessionRefusal;

    /// <summary>Whether there is more to remember than that the operation was committed.</summary>
    public bool HasDetail => _detail is not null;

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
}
