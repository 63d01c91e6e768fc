namespace ServerSession.AspNetCore;

/// <summary>A part of this frontend that has sessions watched by their grains.</summary>
internal interface ISessionNoticeListener
{
    /// <summary>Hears what became of a session; false where it does not watch it. Returns at once.</summary>
    bool OnNotice(in SessionNotice notice);

    /// <summary>Nothing comes over a silo's link any more: what was watched there has to be asked for again.</summary>
    void OnSilent(Guid link);
}
