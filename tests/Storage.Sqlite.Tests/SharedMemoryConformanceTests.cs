namespace ServerSession.Tests.Storage;

public sealed class SharedMemoryConformanceTests : GrainStorageConformance
{
    private readonly SharedMemoryStore _store = new();

    protected override ValueTask<IGrainStorage> OpenAsync() => new(new SharedMemoryGrainStorage(_store, RawBytesSerializer.Instance));

    protected override ValueTask CloseAsync() => ValueTask.CompletedTask;

    protected override ValueTask<long> CountRowsAsync() => new(_store.Count);
}
