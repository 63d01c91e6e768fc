using Microsoft.Extensions.DependencyInjection;
using Orleans.Hosting;
using ServerSession.Storage;

namespace ServerSession.Tests.Storage;

public sealed class SiloTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("Path")]
    [InlineData("DataSource")]
    public async Task Silo_with_the_provider_by_configuration_keeps_state_across_a_restart(string pathKey)
    {
        Dictionary<string, string?> configuration = new()
        {
            ["Orleans:GrainStorage:sessions:ProviderType"] = "Sqlite",
            [$"Orleans:GrainStorage:sessions:{pathKey}"] = _folder["sessions.db"],
            ["Orleans:GrainStorage:sessions:LockTimeout"] = "00:00:01",
            ["Orleans:GrainStorage:sessions:MaxBatchSize"] = "77",
        };
        await using (var silo = await TestSilo.StartAsync(configuration))
        {
            await silo.Keeper("a").Keep("at once", onlyAtDeactivation: false);
            var storage = (SqliteGrainStorage)silo.Services.GetRequiredKeyedService<IGrainStorage>("sessions");
            Assert.Equal(77, storage.OpenFile.Settings.MaxBatchSize);
            Assert.Equal(1, await storage.CountAsync());
        }

        await using (var silo = await TestSilo.StartAsync(configuration))
        {
            Assert.Equal("at once", await silo.Keeper("a").Kept());
        }
    }

    [Fact]
    public async Task Silo_that_stops_lets_grains_write_while_they_deactivate()
    {
        await using (var silo = await TestSilo.StartAsync([], AddStorage))
        {
            await silo.Keeper("a").Keep("at the end", onlyAtDeactivation: true);
        }

        Assert.False(File.Exists(_folder["sessions.db"] + "-wal"));
        await using (var silo = await TestSilo.StartAsync([], AddStorage))
        {
            Assert.Equal("at the end", await silo.Keeper("a").Kept());
        }
    }

    [Fact]
    public async Task Silo_with_two_names_on_one_file_shares_it()
    {
        await using var silo = await TestSilo.StartAsync([], builder =>
        {
            AddStorage(builder);
            builder.AddSqliteGrainStorage("others", options =>
            {
                options.Path = _folder["sessions.db"];
                options.GrainStorageSerializer = RawBytesSerializer.Instance;
            });
        });
        await silo.Keeper("a").Keep("shared", onlyAtDeactivation: false);
        var others = (SqliteGrainStorage)silo.Services.GetRequiredKeyedService<IGrainStorage>("others");
        Assert.Equal(1, await others.CountAsync());
    }

    [Fact]
    public async Task Silo_with_a_file_in_use_ends_the_start_with_the_reason()
    {
        await using var owner = await TestStore.OpenAsync(_folder["sessions.db"]);
        var error = await Assert.ThrowsAnyAsync<Exception>(() => TestSilo.StartAsync([], builder =>
            builder.AddSqliteGrainStorage("sessions", options =>
            {
                options.Path = _folder["sessions.db"];
                options.LockTimeout = TimeSpan.Zero;
            })));
        Assert.Contains("in use by another process", error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Silo_with_an_unreadable_value_ends_the_start_with_its_key()
    {
        var error = await Assert.ThrowsAnyAsync<OrleansConfigurationException>(() => TestSilo.StartAsync(new()
        {
            ["Orleans:GrainStorage:sessions:ProviderType"] = "Sqlite",
            ["Orleans:GrainStorage:sessions:Path"] = _folder["sessions.db"],
            ["Orleans:GrainStorage:sessions:MaxBatchSize"] = "many",
        }));
        Assert.Contains("Orleans:GrainStorage:sessions:MaxBatchSize is \"many\"", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Silo_with_wrong_options_ends_the_start_with_every_key()
    {
        var error = await Assert.ThrowsAnyAsync<OrleansConfigurationException>(() => TestSilo.StartAsync([], builder =>
            builder.AddSqliteGrainStorage("sessions", options => options.MaxBatchSize = 0)));
        Assert.Contains("Orleans:GrainStorage:sessions:Path is not set", error.Message, StringComparison.Ordinal);
        Assert.Contains("Orleans:GrainStorage:sessions:MaxBatchSize is 0", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Silo_that_others_can_join_ends_the_start_with_the_reason_unless_it_stays_the_only_one()
    {
        var error = await Assert.ThrowsAnyAsync<OrleansConfigurationException>(() => TestSilo.StartAsync([], builder =>
        {
            AddStorage(builder);
            builder.Services.AddSingleton<IMembershipTable, SharedTable>();
        }));

        Assert.Contains("'sessions' is a SQLite file, which belongs to one silo, but the silo keeps its membership with SharedTable", error.Message, StringComparison.Ordinal);
        Assert.Contains("Orleans:GrainStorage:sessions:AllowClustering", error.Message, StringComparison.Ordinal);
        new ClusterValidator(new SharedTable(), new SqliteGrainStorageOptions { AllowClustering = true }, "sessions").ValidateConfiguration();
    }

    private void AddStorage(ISiloBuilder builder) => builder.AddSqliteGrainStorage("sessions", options => options.Path = _folder["sessions.db"]);

    /// <summary>Stands for the table of a clustering provider; the start does not get as far as to use it.</summary>
    private sealed class SharedTable : IMembershipTable
    {
        public Task InitializeMembershipTable(bool tryInitTableVersion) => throw new NotSupportedException();

        public Task DeleteMembershipTableEntries(string clusterId) => throw new NotSupportedException();

        public Task CleanupDefunctSiloEntries(DateTimeOffset beforeDate) => throw new NotSupportedException();

        public Task<MembershipTableData> ReadRow(SiloAddress key) => throw new NotSupportedException();

        public Task<MembershipTableData> ReadAll() => throw new NotSupportedException();

        public Task<bool> InsertRow(MembershipEntry entry, TableVersion tableVersion) => throw new NotSupportedException();

        public Task<bool> UpdateRow(MembershipEntry entry, string etag, TableVersion tableVersion) => throw new NotSupportedException();

        public Task UpdateIAmAlive(MembershipEntry entry) => throw new NotSupportedException();
    }
}
