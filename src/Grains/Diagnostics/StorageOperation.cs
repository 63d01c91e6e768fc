namespace ServerSession.Grains;

/// <summary>The calls to the session storage: a closed set, which is also the tag of its metrics.</summary>
internal enum StorageOperation
{
    Read,
    Write,
    Clear,
}
