namespace ServerSession.Grains;

/// <summary>How large the rows of the index get.</summary>
/// <param name="OpenBytes">The bytes of pages in the head above which they become a segment. A row stays within twice that.</param>
/// <param name="ListedIds">The most ids of a page that lists them.</param>
internal sealed record ExpirySizes(int OpenBytes, int ListedIds)
{
    public static ExpirySizes Default { get; } = new(12 * 1024, 256);
}
