namespace ServerSession.Core;

/// <summary>What is stored of a session: its state and its last access, or the tombstone of one that ended right after its creation.</summary>
/// <param name="State">The state; null for a tombstone.</param>
/// <param name="LastAccess">The last access.</param>
/// <param name="CreateEndsAt">Until when a delayed create has to be kept from taking the id.</param>
public readonly record struct SessionRecord(SessionState? State, DateTimeOffset LastAccess, DateTimeOffset CreateEndsAt)
{
    public bool IsTombstone => State is null;
}
