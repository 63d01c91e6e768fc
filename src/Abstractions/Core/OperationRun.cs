namespace ServerSession.Core;

/// <summary>Some neighbouring records of an operation log, which are stored together.</summary>
internal readonly ref struct OperationRun(ReadOnlySpan<OperationRecord> records, Span<byte[]?> kept)
{
    public ReadOnlySpan<OperationRecord> Records { get; } = records;

    /// <summary>
    /// The one place to keep the stored form of a run that is whole: its records never change, and it is stored again with every operation
    /// until they are dropped. Empty where the run is not whole.
    /// </summary>
    public Span<byte[]?> Kept { get; } = kept;
}
