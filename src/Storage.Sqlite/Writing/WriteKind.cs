namespace ServerSession.Storage;

/// <summary>The four things that a caller can mean; nothing writes a row without saying which row it expects.</summary>
internal enum WriteKind
{
    /// <summary>Write without an ETag: there must be no row.</summary>
    Insert,

    /// <summary>Write with an ETag: the row must have it.</summary>
    Update,

    /// <summary>Clear with an ETag: the row must have it.</summary>
    Delete,

    /// <summary>Clear without an ETag: there must be no row, so there is nothing to do.</summary>
    ExpectNone,
}
