namespace ServerSession.Storage;

/// <summary>What became of one write inside its transaction.</summary>
/// <param name="Applied">Whether the row was written or deleted; otherwise the caller's ETag did not match.</param>
/// <param name="Etag">The row's ETag: the new one if applied, the stored one if not; null where there is no row.</param>
internal readonly record struct WriteOutcome(bool Applied, long? Etag);
