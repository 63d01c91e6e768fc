namespace ServerSession.AspNetCore;

/// <summary>Reserved ids that are given out one by one. The lock of the object that holds it guards it.</summary>
internal sealed class IdBlock(IReadOnlyList<SessionId> ids, long from, long until)
{
    private int _taken;

    public int Count => ids.Count;

    public long From => from;

    public long Until => until;

    /// <summary>Whether any id was taken.</summary>
    public bool IsUsed => _taken > 0;

    public bool IsEmpty => _taken == ids.Count;

    /// <summary>Whether half of the ids are taken or three quarters of their time have passed.</summary>
    public bool IsRunningOut(long now) => _taken * 2 >= ids.Count || now - from >= (until - from) / 4 * 3;

    public bool TryTake(long now, out SessionIdLease lease)
    {
        if (IsEmpty || now >= until)
        {
            lease = default;
            return false;
        }

        lease = new SessionIdLease(ids[_taken++], until);
        return true;
    }
}
