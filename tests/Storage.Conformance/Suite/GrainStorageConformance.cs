using System.Globalization;

namespace ServerSession.Tests.Storage;

/// <summary>
/// What sessions need of a grain storage, as tests. A store derives from this class, says how it is opened, closed and counted, and inherits
/// every fact. Each test gets an instance, and so a store, of its own.
/// </summary>
public abstract partial class GrainStorageConformance : IAsyncLifetime
{
    private const string StateName = "state";
    private static readonly string[] OtherStateNames = ["state2", "State", "sta", "state/", "ståte", "state-éè"];

    private IGrainStorage? _storage;

    /// <summary>Gets the most that one call may take before its test fails and says which call it was.</summary>
    protected virtual TimeSpan CallLimit => TimeSpan.FromSeconds(30);

    /// <summary>Gets the largest value that the store promises to keep, in bytes; 1 MiB unless the store says otherwise.</summary>
    protected virtual int LargestValue => 1024 * 1024;

    /// <summary>Gets the smallest value that the store keeps apart from a missing row, in bytes; sessions store none of zero bytes.</summary>
    protected virtual int SmallestValue => 0;

    /// <summary>Gets an ETag in the form of the store that no row has.</summary>
    protected virtual string UnknownEtag => "never an ETag of this store";

    /// <summary>Gets whether an empty ETag is refused as one that no row has, instead of meaning none; sessions give none or a real one.</summary>
    protected virtual bool RefusesEmptyEtag => true;

    /// <summary>Gets whether a clear of an existing row without an ETag is refused; sessions never clear without one.</summary>
    protected virtual bool RefusesClearWithoutEtag => true;

    /// <summary>Gets whether a clear with the ETag of a row that is gone is refused. Where it is accepted, nothing is cleared by it.</summary>
    protected virtual bool RefusesClearOfGoneRow => true;

    /// <summary>Gets whether rows of grains of different types with the same key and state name are different rows; the grains of sessions have different state names.</summary>
    protected virtual bool SeparatesGrainTypes => true;

    private IGrainStorage Storage => _storage ?? throw new InvalidOperationException("The store is not open.");

    /// <summary>Opens the store: the first time an empty one, later the one that was closed before, with its rows.</summary>
    protected abstract ValueTask<IGrainStorage> OpenAsync();

    /// <summary>Closes the store and keeps its rows.</summary>
    protected abstract ValueTask CloseAsync();

    /// <summary>Counts the rows that the store really has, looking past the storage interface: what a cleared row leaves behind counts.</summary>
    protected abstract ValueTask<long> CountRowsAsync();

    /// <summary>Removes the store and its rows after a test.</summary>
    protected virtual ValueTask DeleteAsync() => ValueTask.CompletedTask;

    public async ValueTask InitializeAsync() => _storage = await OpenAsync();

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        await CloseAsync();
        await DeleteAsync();
    }

    private async Task ReopenAsync()
    {
        await CloseAsync();
        _storage = await OpenAsync();
    }

    private static GrainId NewGrain() => GrainId.Create("conformance", Guid.NewGuid().ToString("n"));

    private static BytesState State(params byte[] bytes) => StateWith(null, bytes);

    private static BytesState StateWith(string? etag, params byte[] bytes) =>
        new() { State = new(bytes), ETag = etag, RecordExists = etag is not null };

    private static byte[] Pattern(int length, int seed)
    {
        var bytes = new byte[length];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }

    private Task Write(GrainId grain, BytesState state, string name = StateName) =>
        Within("write", Storage.WriteStateAsync(name, grain, state));

    private Task Clear(GrainId grain, BytesState state, string name = StateName) =>
        Within("clear", Storage.ClearStateAsync(name, grain, state));

    private async Task<BytesState> Read(GrainId grain, string name = StateName)
    {
        var state = State(9, 9, 9);
        await Within("read", Storage.ReadStateAsync(name, grain, state));
        return state;
    }

    private async Task<BytesState> Insert(GrainId grain, params byte[] bytes)
    {
        var state = State(bytes);
        await Write(grain, state);
        return state;
    }

    private async Task AssertStored(GrainId grain, byte[] bytes, string? etag = null, string name = StateName)
    {
        var read = await Read(grain, name);
        Assert.True(read.RecordExists, $"The row of {grain} is gone.");
        Assert.Equal(bytes, read.State.Bytes);
        if (etag is not null)
        {
            Assert.Equal(etag, read.ETag);
        }
    }

    private async Task AssertAbsent(GrainId grain, string name = StateName)
    {
        var read = await Read(grain, name);
        Assert.False(read.RecordExists);
        Assert.Null(read.ETag);
        Assert.NotNull(read.State);
        Assert.Empty(read.State.Bytes);
    }

    private static Task AssertRefused(Func<Task> call) => Assert.ThrowsAnyAsync<InconsistentStateException>(call);

    private async Task Within(string call, Task task)
    {
        try
        {
            await task.WaitAsync(CallLimit);
        }
        catch (TimeoutException) when (!task.IsCompleted)
        {
            Assert.Fail(string.Create(CultureInfo.InvariantCulture, $"A {call} did not end within {CallLimit.TotalSeconds} s."));
        }
    }
}
