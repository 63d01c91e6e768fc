namespace ServerSession.Tests.Storage;

/// <summary>One silo's view of a <see cref="SharedMemoryStore"/>: strict ETags, states stored as bytes of their own.</summary>
public sealed class SharedMemoryGrainStorage(SharedMemoryStore store, IGrainStorageSerializer serializer, string siloName = "") : IGrainStorage
{
    public Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) =>
        ReadStateAsync(stateName, grainId, grainState, CancellationToken.None);

    public async Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState, CancellationToken cancellationToken)
    {
        var row = await RunAsync(new(StorageOperationKind.Read, siloName, stateName, grainId, null), () => store.Read(stateName, grainId))
            .WaitAsync(cancellationToken);
        grainState.State = row is { } found ? serializer.Deserialize<T>(new BinaryData(found.Bytes))! : Activator.CreateInstance<T>();
        grainState.ETag = row?.Etag;
        grainState.RecordExists = row is not null;
    }

    public Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) =>
        WriteStateAsync(stateName, grainId, grainState, CancellationToken.None);

    public async Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState, CancellationToken cancellationToken)
    {
        var etag = grainState.ETag;
        var bytes = serializer.Serialize(grainState.State).ToMemory().ToArray();
        grainState.ETag = await RunAsync(
            new(StorageOperationKind.Write, siloName, stateName, grainId, etag), () => store.Write(stateName, grainId, etag, bytes))
            .WaitAsync(cancellationToken);
        grainState.RecordExists = true;
    }

    public Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) =>
        ClearStateAsync(stateName, grainId, grainState, CancellationToken.None);

    public async Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState, CancellationToken cancellationToken)
    {
        var etag = grainState.ETag;
        await RunAsync(new(StorageOperationKind.Clear, siloName, stateName, grainId, etag), () =>
        {
            store.Clear(stateName, grainId, etag);
            return true;
        }).WaitAsync(cancellationToken);
        grainState.State = Activator.CreateInstance<T>();
        grainState.ETag = null;
        grainState.RecordExists = false;
    }

    private async Task<TResult> RunAsync<TResult>(StorageOperation operation, Func<TResult> work)
    {
        store.Arrived(operation);
        try
        {
            if (store.BeforeAsync is { } before)
            {
                await before(operation);
            }

            var result = work();
            if (store.AfterAsync is { } after)
            {
                await after(operation);
            }

            return result;
        }
        finally
        {
            store.Ended?.Invoke(operation);
        }
    }
}
