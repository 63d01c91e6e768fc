using System.Collections.Immutable;

namespace ServerSession.AspNetCore;

/// <summary>The key ring of an application whose sessions are in this process only: it ends with them.</summary>
internal sealed class InMemoryKeyElements : IKeyElementStore
{
    private ImmutableList<DataProtectionKeyElement> _elements = [];

    public ValueTask<DataProtectionKeyRing> ReadAsync(Guid maker) => new(new DataProtectionKeyRing(Volatile.Read(ref _elements), isMadeElsewhere: false));

    public ValueTask StoreAsync(DataProtectionKeyElement element)
    {
        ImmutableInterlocked.Update(ref _elements, static (elements, added) => elements.Add(added), element);
        return default;
    }

    public ValueTask DeleteAsync(Guid[] ids)
    {
        ImmutableInterlocked.Update(ref _elements, static (elements, gone) => elements.RemoveAll(element => gone.Contains(element.Id)), ids);
        return default;
    }
}
