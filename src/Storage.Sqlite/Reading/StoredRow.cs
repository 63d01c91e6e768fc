namespace ServerSession.Storage;

/// <summary>A row as it was read.</summary>
internal readonly record struct StoredRow(long Etag, byte[] Value);
