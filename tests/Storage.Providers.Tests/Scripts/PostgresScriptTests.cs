using System.Diagnostics;
using System.Reflection;
using Npgsql;
using ServerSession.LocalCluster.Servers;
using ServerSession.Tests.Servers;
using ServerSession.Tests.Silos;

namespace ServerSession.Tests.Scripts;

/// <summary>The command that docs/storage-providers.md gives for PostgreSQL does what the page says: it is the line of the page that runs here.</summary>
public sealed class PostgresScriptTests(RealServers servers)
{
    private static readonly string Repository =
        typeof(LocalServer).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(static data => data.Key == "Repository").Value!;

    [Fact]
    public async Task Command_of_the_page_prepares_an_empty_database_and_may_be_repeated()
    {
        var database = await CreateDatabaseAsync();

        await RunThePagesCommandAsync(database);
        await ServeASessionAsync(database);
        var before = await DescribeAsync(database);
        await RunThePagesCommandAsync(database);

        Assert.Equal(before, await DescribeAsync(database));
        Assert.Equal(1, await ScalarAsync(database, "SELECT count(*) FROM OrleansStorage WHERE GrainTypeString = 'session'"));
        await ServeASessionAsync(database);
    }

    [Fact]
    public async Task Command_of_the_page_over_a_database_that_Orleans_own_scripts_prepared_keeps_its_rows_and_serves_sessions()
    {
        var database = await CreateDatabaseAsync();
        await ExecuteAsync(database, PreparedByOrleans.Sql);

        await RunThePagesCommandAsync(database);
        await RunThePagesCommandAsync(database);

        Assert.Equal(2, await ScalarAsync(database, "SELECT count(*) FROM OrleansStorage WHERE ServiceId = 'another'"));
        Assert.Equal(1, await ScalarAsync(database, "SELECT count(*) FROM OrleansMembershipTable WHERE DeploymentId = 'another'"));
        Assert.Equal(1, await ScalarAsync(database, "SELECT count(*) FROM OrleansQuery WHERE QueryKey = 'UpsertReminderRowKey'"));
        Assert.Equal(0, await ScalarAsync(database, "SELECT count(*) FROM OrleansQuery WHERE QueryText = 'of Orleans'"));
        Assert.Equal(0, await ScalarAsync(database, "SELECT count(*) FROM pg_indexes WHERE indexname = 'ix_orleansstorage'"));

        // Versions go on above those of the rows that stood there, so none is given twice.
        await ServeASessionAsync(database);
        Assert.True(await ScalarAsync(database, "SELECT min(Version) FROM OrleansStorage WHERE ServiceId <> 'another'") > PreparedByOrleans.HighestVersion);
    }

    [Fact]
    public async Task Command_of_the_page_that_fails_half_way_changes_nothing()
    {
        var database = await CreateDatabaseAsync();
        await ExecuteAsync(database, "CREATE VIEW OrleansStorage AS SELECT 1 AS one");

        var (code, output) = await TryThePagesCommandAsync(database);

        Assert.NotEqual(0, code);
        Assert.Contains("03-storage.sql", output, StringComparison.Ordinal);
        Assert.Equal(0, await ScalarAsync(database, "SELECT count(*) FROM pg_tables WHERE tablename LIKE 'orleans%'"));
    }

    private static string PagesCommand()
    {
        var lines = File.ReadAllLines(Path.Combine(Repository, "docs", "storage-providers.md"));
        return Assert.Single(lines, static line => line.StartsWith("psql ", StringComparison.Ordinal));
    }

    private static async Task RunThePagesCommandAsync(string database)
    {
        var (code, output) = await TryThePagesCommandAsync(database);
        Assert.True(code == 0, $"'{PagesCommand()}' ended with {code}:{Environment.NewLine}{output}");
    }

    private static async Task<(int ExitCode, string Output)> TryThePagesCommandAsync(string database)
    {
        var parts = new NpgsqlConnectionStringBuilder(database);
        var start = new ProcessStartInfo("sh", ["-c", PagesCommand() + " 2>&1"]) { WorkingDirectory = Repository, RedirectStandardOutput = true };
        start.Environment["DATABASE"] = $"postgresql://{parts.Username}@{parts.Host}:{parts.Port}/{parts.Database}";
        using var process = Process.Start(start)!;
        var output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (process.ExitCode, output);
    }

    /// <summary>The connection string of a new database that belongs to the role of the sessions.</summary>
    private async Task<string> CreateDatabaseAsync()
    {
        var server = (await servers.PostgresAsync()).ConnectionString;
        var name = $"scripts_{Guid.NewGuid():N}";
        var owner = new NpgsqlConnectionStringBuilder(server).Username;
        await ExecuteAsync(new NpgsqlConnectionStringBuilder(server) { Username = "postgres", Database = "postgres" }.ConnectionString, $"CREATE DATABASE {name} OWNER {owner}");
        return new NpgsqlConnectionStringBuilder(server) { Database = name, Pooling = false }.ConnectionString;
    }

    /// <summary>A silo starts over the database, which its probe tries, and a session is created and read.</summary>
    private static async Task ServeASessionAsync(string database)
    {
        const string Storage = "Orleans:GrainStorage:sessions:";
        const string Clustering = "Orleans:Clustering:";
        Dictionary<string, string?> settings = new()
        {
            ["Orleans:ClusterId"] = "scripts",
            ["Orleans:ServiceId"] = "scripts",
            [Storage + "ProviderType"] = "AdoNet",
            [Storage + "Invariant"] = "Npgsql",
            [Storage + "ConnectionString"] = database,
            [Clustering + "ProviderType"] = "AdoNet",
            [Clustering + "Invariant"] = "Npgsql",
            [Clustering + "ConnectionString"] = database,
        };
        await using var silo = await TestSilo.StartAsync(settings);
        await using var frontend = await TestFrontend.StartAsync(settings.Where(static setting => !setting.Key.StartsWith(Storage, StringComparison.Ordinal)).ToDictionary());
        var created = await frontend.UntilItSucceedsAsync("PUT", "/value/first");
        Assert.Equal("first", (await frontend.UntilItSucceedsAsync("GET", "/value", created.Cookie)).Body);
        await silo.StopAsync();
    }

    /// <summary>What the scripts make, in words: queries, tables, indexes and functions.</summary>
    private static async Task<string> DescribeAsync(string database)
    {
        await using var source = NpgsqlDataSource.Create(database);
        await using var command = source.CreateCommand("""
            SELECT string_agg(part, E'\n' ORDER BY part) FROM (
                SELECT QueryKey || QueryText AS part FROM OrleansQuery
                UNION ALL SELECT table_name || column_name || data_type FROM information_schema.columns WHERE table_schema = 'public'
                UNION ALL SELECT indexdef FROM pg_indexes WHERE schemaname = 'public'
                UNION ALL SELECT proname || prosrc FROM pg_proc WHERE pronamespace = 'public'::regnamespace) AS parts
            """);
        return (string)(await command.ExecuteScalarAsync(TestContext.Current.CancellationToken))!;
    }

    private static async Task<long> ScalarAsync(string database, string sql)
    {
        await using var source = NpgsqlDataSource.Create(database);
        await using var command = source.CreateCommand(sql);
        return Convert.ToInt64(await command.ExecuteScalarAsync(TestContext.Current.CancellationToken), System.Globalization.CultureInfo.InvariantCulture);
    }

    private static async Task ExecuteAsync(string database, string sql)
    {
        await using var source = NpgsqlDataSource.Create(database);
        await using var command = source.CreateCommand(sql);
        await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
    }
}
