using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using ServerSession.Storage;

namespace ServerSession.Tests.Storage;

public sealed class OwnershipTests : IDisposable
{
    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Open_secondOwner_failsWithFileAndFix()
    {
        await using var first = await TestStore.OpenAsync(_folder.File());
        var error = await Assert.ThrowsAsync<SqliteGrainStorageException>(() => TestStore.OpenAsync(_folder.File()));
        Assert.Contains(_folder.File(), error.Message, StringComparison.Ordinal);
        Assert.Contains("Path of its own", error.Message, StringComparison.Ordinal);
        await first.Storage.WriteStateAsync("state", GrainId.Create("a", "b"), new BytesState());
    }

    [Fact]
    public async Task Open_firstOwnerLetsGo_succeedsWithItsRows()
    {
        var first = await TestStore.OpenAsync(_folder.File());
        await first.Storage.WriteStateAsync("state", GrainId.Create("a", "b"), new BytesState());
        var second = TestStore.OpenAsync(_folder.File(), options => options.LockTimeout = TimeSpan.FromMinutes(1));
        Assert.False(second.IsCompleted);
        await first.DisposeAsync();
        await using var store = await second.WaitAsync(TimeSpan.FromSeconds(30));
        Assert.Equal(1, await store.Storage.CountAsync());
    }

    [Fact]
    public async Task Open_throughALink_findsTheSameOwner()
    {
        await using var first = await TestStore.OpenAsync(_folder.File());
        File.CreateSymbolicLink(_folder.File("link.db"), _folder.File());
        await Assert.ThrowsAsync<SqliteGrainStorageException>(() => TestStore.OpenAsync(_folder.File("link.db")));
    }

    [Fact]
    public async Task Open_twoNamesOfOneSilo_shareTheFileUntilTheLastLeaves()
    {
        using var metrics = new SqliteMetrics(new ServiceCollection().BuildServiceProvider());
        using var files = new SqliteFiles(metrics, NullLogger<SqliteFiles>.Instance);
        var settings = Settings(64);
        var first = await files.OpenAsync("first", settings, CancellationToken.None);
        var second = await files.OpenAsync("second", settings, CancellationToken.None);
        Assert.Same(first, second);
        await files.CloseAsync(first);
        await Assert.ThrowsAsync<SqliteGrainStorageException>(() => TestStore.OpenAsync(_folder.File()));
        await files.CloseAsync(second);
        await using var next = await TestStore.OpenAsync(_folder.File());
    }

    [Fact]
    public async Task Open_twoNamesWithOtherOptions_isRefused()
    {
        using var metrics = new SqliteMetrics(new ServiceCollection().BuildServiceProvider());
        using var files = new SqliteFiles(metrics, NullLogger<SqliteFiles>.Instance);
        var first = await files.OpenAsync("first", Settings(64), CancellationToken.None);
        var error = await Assert.ThrowsAsync<OrleansConfigurationException>(() => files.OpenAsync("second", Settings(65), CancellationToken.None));
        Assert.Contains("'first' and 'second'", error.Message, StringComparison.Ordinal);
        await files.CloseAsync(first);
    }

    [Fact]
    public async Task Calls_afterClose_failClearly()
    {
        var store = await TestStore.OpenAsync(_folder.File());
        await store.DisposeAsync();
        var error = await Assert.ThrowsAsync<SqliteGrainStorageException>(() =>
            store.Storage.WriteStateAsync("state", GrainId.Create("a", "b"), new BytesState()));
        Assert.Contains("not open", error.Message, StringComparison.Ordinal);
    }

    private SqliteSettings Settings(int maxBatchSize) => SqliteSettings.From(
        new() { Path = _folder.File(), LockTimeout = TimeSpan.Zero, MaxBatchSize = maxBatchSize }, null);
}
