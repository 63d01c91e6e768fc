using ServerSession.Local;

namespace ServerSession;

/// <summary>
/// What frontends in the silo's process read without a call: only acknowledged state, published before the reply, and never while the grain
/// works on the session.
/// </summary>
internal sealed partial class SessionGrain
{
    private LocalSession? _published;

    /// <summary>Lets frontends of this process read the session until the grain's next operation.</summary>
    private void Publish()
    {
        if (_leaving || _phase != Phase.Live || !services.Local.IsRead)
        {
            return;
        }

        // Half of what either bears: the grain hears of the accesses in time to stay in memory and to store them.
        var heardAfter = services.Options.CollectionAge;
        var touchBefore = DateTimeOffset.MaxValue;
        var storedAfter = _state!.Snapshot.Terms.IdleTimeout * services.Options.TouchFraction;
        if (!IsVolatile)
        {
            touchBefore = Core.Times.After(_storedAccess, storedAfter);
        }

        var validFor = (heardAfter < storedAfter ? heardAfter : storedAfter) / 2;
        _published = new LocalSession(_state, _lastAccess, touchBefore, services.Local.TimestampAfter(validFor));
        services.Local.Publish(Id, _published);
    }

    /// <summary>Stops the local reads and takes over their accesses: the first thing that every operation does.</summary>
    private void TakeBack()
    {
        if (_published?.Kill() is { } access)
        {
            _lastAccess = Later(_lastAccess, access);
        }
    }

    private void Unpublish()
    {
        TakeBack();
        if (_published is { } published)
        {
            services.Local.Remove(Id, published);
            _published = null;
        }
    }
}
