using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Npgsql;
using Orleans.Configuration;
using Orleans.Persistence;
using ServerSession.Grains;
using ServerSession.Tests.Servers;
using ServerSession.Tests.Silos;

namespace ServerSession.Tests.Startup;

/// <summary>What is set for the storage named <c>sessions</c> without anybody asking.</summary>
public sealed class ProviderOptionsTests(RealServers servers)
{
    private const string Section = "Orleans:GrainStorage:sessions:";

    [Fact]
    public async Task Redis_deletes_rows_stores_our_bytes_and_gives_up_in_time()
    {
        await using var silo = TestSilo.Build(new Dictionary<string, string?> { [Section + "ProviderType"] = "Redis", [Section + "ConnectionString"] = "127.0.0.1:1" });
        var options = Options<RedisStorageOptions>(silo);

        Assert.True(options.DeleteStateOnClear);
        Assert.IsType<StoredPayloadSerializer>(options.GrainStorageSerializer);
        Assert.Equal((3000, 2000), (options.ConfigurationOptions!.AsyncTimeout, options.ConfigurationOptions.ConnectTimeout));
    }

    [Fact]
    public async Task Redis_timeouts_that_were_chosen_stay()
    {
        await using var silo = TestSilo.Build(new Dictionary<string, string?>
        {
            [Section + "ProviderType"] = "Redis",
            [Section + "ConnectionString"] = "127.0.0.1:1,asyncTimeout=700,connectTimeout=900",
        });
        var options = Options<RedisStorageOptions>(silo);

        Assert.Equal((700, 900), (options.ConfigurationOptions!.AsyncTimeout, options.ConfigurationOptions.ConnectTimeout));
    }

    [Fact]
    public async Task AdoNet_deletes_rows_and_gives_up_in_time()
    {
        await using var silo = TestSilo.Build(new Dictionary<string, string?>
        {
            [Section + "ProviderType"] = "AdoNet",
            [Section + "Invariant"] = "Npgsql",
            [Section + "ConnectionString"] = "Host=db.example;Username=u;Password='a;b';Command Timeout=9",
        });
        var options = Options<AdoNetGrainStorageOptions>(silo);

        Assert.True(options.DeleteStateOnClear);
        Assert.IsType<StoredPayloadSerializer>(options.GrainStorageSerializer);
        var connection = new NpgsqlConnectionStringBuilder(options.ConnectionString);
        Assert.Equal((9, 3, "a;b"), (connection.CommandTimeout, connection.Timeout, connection.Password));
    }

    [Fact]
    public async Task Azure_table_deletes_rows_and_repeats_briefly()
    {
        await using var silo = TestSilo.Build(new Dictionary<string, string?>
        {
            [Section + "ProviderType"] = "AzureTableStorage",
            [Section + "ConnectionString"] = "UseDevelopmentStorage=true",
        });
        var options = Options<AzureTableStorageOptions>(silo);

        Assert.True(options.DeleteStateOnClear);
        Assert.IsType<StoredPayloadSerializer>(options.GrainStorageSerializer);
        Assert.Equal((2, TimeSpan.FromMilliseconds(200)), (options.StoragePolicyOptions.MaxOperationRetries, options.StoragePolicyOptions.PauseBetweenOperationRetries));
    }

    [Fact]
    public async Task Storages_of_other_names_are_left_alone()
    {
        await using var silo = TestSilo.Build(new Dictionary<string, string?>
        {
            [Section + "ProviderType"] = "Redis",
            [Section + "ConnectionString"] = "127.0.0.1:1",
            ["Orleans:GrainStorage:carts:ProviderType"] = "Redis",
            ["Orleans:GrainStorage:carts:ConnectionString"] = "127.0.0.1:1",
        });

        var options = silo.Services.GetRequiredService<IOptionsMonitor<RedisStorageOptions>>().Get("carts");

        Assert.False(options.DeleteStateOnClear);
        Assert.IsNotType<StoredPayloadSerializer>(options.GrainStorageSerializer);
    }

    [Fact]
    public async Task Redis_rows_that_expire_by_themselves_are_refused()
    {
        await using var silo = TestSilo.Build(
            new Dictionary<string, string?> { [Section + "ProviderType"] = "Redis", [Section + "ConnectionString"] = "127.0.0.1:1" },
            static services => services.Configure<RedisStorageOptions>("sessions", static options => options.EntryExpiry = TimeSpan.FromHours(1)));

        var refusal = Assert.Throws<OrleansConfigurationException>(() => Options<RedisStorageOptions>(silo));

        Assert.Contains("RedisStorageOptions.EntryExpiry", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Limit_beyond_what_an_Azure_table_row_holds_is_refused_and_leaves_no_row()
    {
        var settings = await Stores.StorageAsync(servers, Stores.AzureTable, "");
        var service = "svc" + Guid.NewGuid().ToString("n");
        settings["Orleans:ServiceId"] = service;
        settings["ServerSession:Limits:TotalBytes"] = "1000000";
        await using var silo = TestSilo.Build(settings);

        var refusal = (await Assert.ThrowsAnyAsync<Exception>(silo.ProbeAsync)).ToString();

        Assert.Contains(nameof(SessionStorageRefusedException), refusal, StringComparison.Ordinal);
        Assert.Contains("ServerSession:Limits:TotalBytes (1,000,000)", refusal, StringComparison.Ordinal);
        Assert.Equal(0, await StoredRows.CountAsync(servers, Stores.AzureTable, service, "", "probe"));
    }

    private static TOptions Options<TOptions>(TestSilo silo) => silo.Services.GetRequiredService<IOptionsMonitor<TOptions>>().Get("sessions");
}
