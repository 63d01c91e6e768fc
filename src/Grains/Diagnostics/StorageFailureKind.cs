namespace ServerSession.Grains;

/// <summary>How a call to the session storage failed: a closed set, which is also the tag of its metric.</summary>
internal enum StorageFailureKind
{
    /// <summary>Another writer has changed the row: the ETag does not match.</summary>
    Inconsistent,

    /// <summary>No answer within <c>ServerSession:StorageTimeout</c>.</summary>
    Timeout,

    /// <summary>The provider failed.</summary>
    Error,
}
