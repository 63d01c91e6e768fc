using System.Xml.Linq;
using Microsoft.AspNetCore.DataProtection.Repositories;
using Microsoft.Extensions.Logging;

namespace ServerSession.AspNetCore;

/// <summary>
/// Keeps Data Protection's keys and revocations where the sessions are kept. Data Protection encrypts a key before it comes here
/// (<c>ProtectKeysWith…</c>) and caches what it reads for about a day.
/// </summary>
/// <remarks>The interface is synchronous: a call holds its thread for the time that <see cref="ServerSessionOptions.RetryBudget"/> allows, at most.</remarks>
internal sealed partial class ServerSessionXmlRepository(KeyRingReader reader, IKeyElementStore store, ILogger<ServerSessionXmlRepository> logger)
    : IDeletableXmlRepository
{
    /// <summary>Whether an empty ring is read in order to make its first key.</summary>
    public bool MakesKeys { get; set; } = true;

    public IReadOnlyCollection<XElement> GetAllElements() => [.. Wait(() => reader.ReadAsync(MakesKeys)).Select(Parse)];

    public void StoreElement(XElement element, string friendlyName)
    {
        ArgumentNullException.ThrowIfNull(element);
        var stored = new DataProtectionKeyElement(Guid.NewGuid(), friendlyName ?? "", element.ToString(SaveOptions.DisableFormatting));
        Wait(async () =>
        {
            await store.StoreAsync(stored).ConfigureAwait(false);
            return true;
        });
    }

    public bool DeleteElements(Action<IReadOnlyCollection<IDeletableElement>> chooseElements)
    {
        ArgumentNullException.ThrowIfNull(chooseElements);
        var elements = Wait(() => reader.ReadAsync(makesFirst: false)).Select(static element => new Deletable(element)).ToArray();
        chooseElements(elements);
        var chosen = elements.Where(static element => element.DeletionOrder is not null).Select(static element => element.Id).ToArray();
        return chosen.Length == 0 || Wait(() => DeleteAsync(chosen));
    }

    /// <summary>One write deletes all of them, so no order can be seen from outside.</summary>
    private async Task<bool> DeleteAsync(Guid[] ids)
    {
        try
        {
            await store.DeleteAsync(ids).ConfigureAwait(false);
            return true;
        }
        catch (SessionUnavailableException exception)
        {
            LogNotDeleted(ids.Length, exception);
            return false;
        }
    }

    private static XElement Parse(DataProtectionKeyElement element) => XElement.Parse(element.Xml);

    /// <summary>Runs a call on the pool, so that a caller with a synchronization context or a separate scheduler cannot wait for itself.</summary>
    private static T Wait<T>(Func<Task<T>> call) => Task.Run(call).GetAwaiter().GetResult();

    private sealed class Deletable(DataProtectionKeyElement element) : IDeletableElement
    {
        public Guid Id => element.Id;

        public XElement Element { get; } = Parse(element);

        public int? DeletionOrder { get; set; }
    }
}
