namespace ServerSession;

/// <summary>
/// Keeps the elements of one ASP.NET Core Data Protection key ring in the session storage. Its key is the ring's name, so all frontends that
/// name the same ring share it.
/// </summary>
/// <remarks>
/// The grain does not look into an element: keys arrive encrypted where the application encrypts them at rest (<c>ProtectKeysWith…</c>). Every
/// operation is safe to repeat. <see cref="SessionUnavailableException"/> means that the grain cannot answer now.
/// </remarks>
[Alias("ServerSession.IDataProtectionKeyGrain")]
public interface IDataProtectionKeyGrain : IGrainWithStringKey
{
    /// <summary>
    /// Reads the ring. Of several frontends that find it empty, one at a time is asked to make the first key; the others are told that it is
    /// being made elsewhere, for five seconds at most, and ask again.
    /// </summary>
    /// <param name="maker">Names the caller where it may make the first key; <see cref="Guid.Empty"/> where it only reads.</param>
    [Alias("get"), ResponseTimeout("00:00:05")]
    ValueTask<DataProtectionKeyRing> GetAsync(Guid maker);

    /// <summary>Adds an element. One that the ring has, or had until it was deleted a moment ago, is not added again.</summary>
    /// <param name="element">The element.</param>
    /// <param name="notAfter">When the caller gives up (UTC); a silo whose clock is past it adds nothing.</param>
    [Alias("store"), ResponseTimeout("00:00:05")]
    ValueTask<DataProtectionKeyOutcome> StoreAsync(DataProtectionKeyElement element, DateTimeOffset notAfter);

    /// <summary>Deletes elements, all or none; those that are not there are passed over.</summary>
    /// <param name="ids">The elements' ids.</param>
    /// <param name="notAfter">When the caller gives up (UTC); a silo whose clock is past it deletes nothing.</param>
    [Alias("delete"), ResponseTimeout("00:00:05")]
    ValueTask<DataProtectionKeyOutcome> DeleteAsync(Guid[] ids, DateTimeOffset notAfter);
}
