using Orleans.Runtime;
using Orleans.Storage;

namespace ServerSession.Storage;

/// <summary>Tries the storage provider on a scratch row and refuses one that would break the laws.</summary>
internal sealed class StorageProbe(SessionStorage storage, IGrainStorage provider)
{
    private const string State = "probe";

    private readonly GrainId _id = GrainId.Create("session-probe", Guid.NewGuid().ToString("N"));
    private readonly string _provider = provider.GetType().Name;

    /// <exception cref="SessionStorageRefusedException">The provider breaks a rule; the message names the setting to change.</exception>
    /// <exception cref="SessionUnavailableException">The provider failed.</exception>
    public async Task RunAsync()
    {
        var first = await storage.WriteAsync(State, _id, [1], null);
        if (string.IsNullOrEmpty(first))
        {
            throw Refuse("gives no ETag after a write, so that two owners could overwrite each other.");
        }

        await RefusesAsync(async () => await storage.WriteAsync(State, _id, [2], null), "accepts a second insert of the same row.");
        if (await storage.ReadAsync(State, _id) is not { } read || !read.Bytes.AsSpan().SequenceEqual((ReadOnlySpan<byte>)[1]))
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
        var row = new GrainState<StoredPayload>(new StoredPayload());
        await provider.ReadStateAsync(State, _id, row);
        if (row.RecordExists || !string.IsNullOrEmpty(row.ETag))
        {
            throw Refuse("keeps rows after a clear, so that every session would leave one for ever. Set DeleteStateOnClear to true " +
                "for the provider (for example Orleans:GrainStorage:sessions:DeleteStateOnClear=true, or options.DeleteStateOnClear = true).");
        }

        await RefusesAsync(async () => await storage.WriteAsync(State, _id, [5], cleared), "writes with an ETag to a row that is gone.");
        var again = await storage.WriteAsync(State, _id, [6], null);
        await storage.ClearAsync(State, _id, again);
    }

    private async Task RefusesAsync(Func<Task> write, string fault)
    {
        try
        {
            await write();
        }
        catch (InconsistentStateException)
        {
            return;
        }
        catch (SessionUnavailableException exception)
        {
            throw Refuse($"answers a write that conflicts with {exception.InnerException?.GetType().Name} instead of InconsistentStateException.");
        }

        throw Refuse(fault);
    }

    private SessionStorageRefusedException Refuse(string fault) =>
        new($"The grain storage '{SessionGrainOptions.StorageName}' ({_provider}) cannot keep sessions: it {fault}");
}
