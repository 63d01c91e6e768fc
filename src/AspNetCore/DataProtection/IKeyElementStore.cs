namespace ServerSession.AspNetCore;

/// <summary>Where the elements of the Data Protection key ring are kept.</summary>
internal interface IKeyElementStore
{
    /// <summary>Reads the ring.</summary>
    /// <param name="maker">Names the caller where it may make the first key; <see cref="Guid.Empty"/> where it only reads.</param>
    /// <exception cref="SessionUnavailableException">It cannot be read now.</exception>
    ValueTask<DataProtectionKeyRing> ReadAsync(Guid maker);

    /// <summary>Adds an element.</summary>
    /// <exception cref="SessionUnavailableException">It is not known to be stored.</exception>
    /// <exception cref="InvalidOperationException">The ring is full.</exception>
    ValueTask StoreAsync(DataProtectionKeyElement element);

    /// <summary>Deletes elements, all or none.</summary>
    /// <exception cref="SessionUnavailableException">They are not known to be deleted.</exception>
    ValueTask DeleteAsync(Guid[] ids);
}
