namespace ServerSession.Core;

/// <summary>Some neighbouring records of an operation log, which are stored together.</summary>
internal readonly ref struct OperationBlock(ReadOnlySpan<OperationRecord> records, Span<byte[]?> cachedEncoding)
{
    public ReadOnlySpan<OperationRecord> Records { get; } = records;

    /// <summary>
    /// Caches the encoding of a full block: its records never change, and it is stored with every operation until they are dropped. Empty for a
    /// block that is not full.
    /// </summary>
    public Span<byte[]?> CachedEncoding { get; } = cachedEncoding;
}
