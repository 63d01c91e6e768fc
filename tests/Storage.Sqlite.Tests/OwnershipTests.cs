using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using ServerSession.Storage;

namespace ServerSession.Tests.Storage;

public sealed class OwnershipTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Open_by_a_second_owner_fails_with_file_and_fix()
    {
        await using var first = await TestStore.OpenAsync(_folder["sessions.db"]);
        var error = await Assert.ThrowsAsync<SqliteGrainStorageException>(() => TestStore.OpenAsync(_folder["sessions.db"]));
        Assert.Contains(_folder["sessions.db"], error.Message, StringComparison.Ordinal);
        Assert.Contains("a separate Path", error.Message, StringComparison.Ordinal);
        await first.Storage.WriteStateAsync("state", GrainId.Create("a", "b"), new BytesState());
    }

    [Fact]
    public async Task Open_after_the_first_owner_let_go_succeeds_with_its_rows()
    {
        var first = await TestStore.OpenAsync(_folder["sessions.db"]);
        await first.Storage.WriteStateAsync("state", GrainId.Create("a", "b"), new BytesState());
        var second = TestStore.OpenAsync(_folder["sessions.db"], options => options.LockTimeout = TimeSpan.FromMinutes(1));
        Assert.False(second.IsCompleted);
        await first.DisposeAsync();
        await using var store = await second.WaitAsync(Eventually.Patience);
        Assert.Equal(1, await store.Storage.CountAsync());
    }

    [Fact]
    public async Task Open_through_a_link_finds_the_same_owner()
    {
        await using var first = await TestStore.OpenAsync(_folder["sessions.db"]);
        File.CreateSymbolicLink(_folder["link.db"], _folder["sessions.db"]);
        await Assert.ThrowsAsync<SqliteGrainStorageException>(() => TestStore.OpenAsync(_folder["link.db"]));
    }

    [Fact]
    public async Task Open_by_two_names_of_one_silo_shares_the_file_until_the_last_leaves()
    {
        using var metrics = new SqliteMetrics(new ServiceCollection().BuildServiceProvider());
        using var files = new SqliteFiles(metrics, NullLogger<SqliteFiles>.Instance);
        var settings = Settings(64);
        var first = await files.OpenAsync("first", settings, CancellationToken.None);
        var second = await files.OpenAsync("second", settings, CancellationToken.None);
        Assert.Same(first, second);
        await files.CloseAsync(first);
        await Assert.ThrowsAsync<SqliteGrainStorageException>(() => TestStore.OpenAsync(_folder["sessions.db"]));
        await files.CloseAsync(second);
        await using var next = await TestStore.OpenAsync(_folder["sessions.db"]);
    }

    [Fact]
    public async Task Open_by_two_names_with_other_options_is_refused()
    {
        using var metrics = new SqliteMetrics(new ServiceCollection().BuildServiceProvider());
        using var files = new SqliteFiles(metrics, NullLogger<SqliteFiles>.Instance);
        var first = await files.OpenAsync("first", Settings(64), CancellationToken.None);
        var error = await Assert.ThrowsAsync<OrleansConfigurationException>(() => files.OpenAsync("second", Settings(65), CancellationToken.None));
        Assert.Contains("'first' and 'second'", error.Message, StringComparison.Ordinal);
        await files.CloseAsync(first);
    }

    [Fact]
    public async Task Calls_after_close_fail_clearly()
    {
        var store = await TestStore.OpenAsync(_folder["sessions.db"]);
        await store.DisposeAsync();
        var error = await Assert.ThrowsAsync<SqliteGrainStorageException>(() =>
            store.Storage.WriteStateAsync("state", GrainId.Create("a", "b"), new BytesState()));
        Assert.Contains("not open", error.Message, StringComparison.Ordinal);
    }

    private SqliteSettings Settings(int maxBatchSize) => SqliteSettings.From(
        new() { Path = _folder["sessions.db"], LockTimeout = TimeSpan.Zero, MaxBatchSize = maxBatchSize }, null);
}
