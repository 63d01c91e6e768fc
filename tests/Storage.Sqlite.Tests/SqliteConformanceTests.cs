namespace ServerSession.Tests.Storage;

public sealed class SqliteConformanceTests : GrainStorageConformance
{
    private readonly TempFolder _folder = new();
    private TestStore? _store;

    protected override TimeSpan CallLimit => Eventually.Patience;

    protected override async ValueTask<IGrainStorage> OpenAsync()
    {
        _store = await TestStore.OpenAsync(_folder["sessions.db"]);
        return _store.Storage;
    }

    protected override async ValueTask CloseAsync() => await _store!.DisposeAsync();

    protected override async ValueTask<long> CountRowsAsync() => await _store!.Storage.CountAsync();

    protected override ValueTask DeleteAsync()
    {
        _folder.Dispose();
        return ValueTask.CompletedTask;
    }
}
