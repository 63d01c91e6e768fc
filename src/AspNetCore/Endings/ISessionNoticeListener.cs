namespace ServerSession;

/// <summary>A part of this frontend that has sessions watched by their grains.</summary>
internal interface ISessionNoticeListener
{
    /// <summary>Hears what became of a session; false where it does not watch it. Returns at once.</summary>
    bool OnNotice(in SessionNotice notice);

    /// <summary>A silo says nothing more: what it watched has to be asked for again.</summary>
    void OnSilent(Guid silo);
}
