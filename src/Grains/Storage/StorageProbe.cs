using Orleans.Runtime;
using Orleans.Storage;
using ServerSession.Core;

namespace ServerSession.Grains;

/// <summary>Tries the storage provider on a scratch row and refuses one that would break the guarantees. The row is gone afterwards in any case.</summary>
/// <param name="storage">The storage that is tried.</param>
/// <param name="provider">Its provider, for messages.</param>
/// <param name="limits">What a session may hold: a row of that size has to fit.</param>
internal sealed class StorageProbe(SessionStorage storage, IGrainStorage provider, SessionLimits limits)
{
    private const string State = "probe";

    // Bytes that are no text in any encoding: a provider that stores text would not give them back.
    private static readonly byte[] First = [0x00, 0xFF, 0x80, 0xC3, 0x28, 0x00];

    private readonly GrainId _id = GrainId.Create("session-probe", Guid.NewGuid().ToString("N"));
    private readonly string _provider = provider.GetType().Name;

    /// <exception cref="SessionStorageRefusedException">The provider breaks a rule; the message names the setting to change.</exception>
    /// <exception cref="SessionUnavailableException">The provider failed.</exception>
    public async Task RunAsync()
    {
        try
        {
            await ProbeWritesAsync();
            await ProbeSizeAsync();
        }
        catch
        {
            await RemoveScratchRowAsync();
            throw;
        }
    }

    private async Task ProbeWritesAsync()
    {
        var first = await storage.WriteAsync(State, _id, First, null);
        if (string.IsNullOrEmpty(first))
        {
            throw Refuse("gives no ETag after a write, so that two activations could overwrite each other.");
        }

        await RefusesAsync(async () => await storage.WriteAsync(State, _id, [2], null), "accepts a second insert of the same row.");
        if (await storage.ReadAsync(State, _id) is not { } read || !read.Bytes.AsSpan().SequenceEqual(First))
        {
            throw Refuse("does not read back the bytes that were written.");
        }

        var second = await storage.WriteAsync(State, _id, [3], read.ETag);
        await RefusesAsync(async () => await storage.WriteAsync(State, _id, [4], first), "accepts a write with a stale ETag.");
        await RefusesAsync(async () => await storage.ClearAsync(State, _id, first), "accepts a clear with a stale ETag.");
        await storage.ClearAsync(State, _id, second);
        await ProbeClearedAsync(second);
    }

    private async Task ProbeClearedAsync(string? cleared)
    {
        var (exists, etag) = await storage.FindAsync(State, _id);
        if (exists || !string.IsNullOrEmpty(etag))
        {
            throw Refuse("keeps rows after a clear, so that every session would leave one for ever. The providers with an option DeleteStateOnClear are set to " +
                "delete them; for this one, set whatever makes a clear delete the row.");
        }

        await RefusesAsync(async () => await storage.WriteAsync(State, _id, [5], cleared), "writes with an ETag to a row that is gone.");
        var again = await storage.WriteAsync(State, _id, [6], null);
        if (again == cleared)
        {
            throw Refuse("gives a row that is inserted again the ETag of its predecessor, so that a delayed write to the one could change the other. " +
                "For PostgreSQL, apply the scripts of deploy/sql/postgresql.");
        }

        await storage.ClearAsync(State, _id, again);
    }

    private async Task ProbeSizeAsync()
    {
        var largest = SessionRecordCodec.LargestSize(limits);
        string? etag;
        try
        {
            etag = await storage.WriteAsync(State, _id, new byte[largest], null);
        }
        catch (SessionUnavailableException exception) when (!StorageFailure.IsTimeout(exception))
        {
            throw Refuse($"does not store {largest:N0} bytes, to which a session may grow by ServerSession:Limits:TotalBytes ({limits.TotalBytes:N0}). " +
                $"Lower that, or choose a provider for larger rows. ({exception.Message})");
        }

        await storage.ClearAsync(State, _id, etag);
    }

    private async Task RemoveScratchRowAsync()
    {
        try
        {
            if (await storage.FindAsync(State, _id) is { ETag: { Length: > 0 } etag })
            {
                await storage.ClearAsync(State, _id, etag);
            }
        }
        catch (Exception exception) when (exception is SessionUnavailableException or InconsistentStateException)
        {
            // What made the probe fail is what its caller needs to hear.
        }
    }

    private async Task RefusesAsync(Func<Task> write, string fault)
    {
        try
        {
            await ExpectedConflicts.RunAsync(write);
        }
        catch (InconsistentStateException)
        {
            return;
        }
        catch (SessionUnavailableException exception) when (!StorageFailure.IsTimeout(exception))
        {
            throw Refuse($"answers a write that conflicts with another failure than InconsistentStateException. ({exception.Message})");
        }

        throw Refuse(fault);
    }

    private SessionStorageRefusedException Refuse(string fault) =>
        new($"The grain storage '{SessionGrainOptions.StorageName}' ({_provider}) cannot keep sessions: it {fault}");
}
