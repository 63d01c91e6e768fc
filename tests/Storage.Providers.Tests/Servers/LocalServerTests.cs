using System.Diagnostics;
using System.Globalization;
using ServerSession.LocalCluster.Servers;

namespace ServerSession.Tests.Servers;

public sealed class LocalServerTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("redis")]
    [InlineData("postgres")]
    [InlineData("azurite")]
    public async Task Stop_of_a_server_lets_it_start_again_with_its_data_on_the_same_port(string kind)
    {
        await using var server = await StartAsync(kind);
        var (port, id) = (server.Port, server.ProcessId);
        await ServerData.WriteAsync(server, "kept", TestContext.Current.CancellationToken);

        await server.StopAsync(TestContext.Current.CancellationToken);
        Assert.False(server.IsRunning);
        await server.RestartAsync(TestContext.Current.CancellationToken);

        Assert.Equal(port, server.Port);
        Assert.NotEqual(id, server.ProcessId);
        Assert.Equal("kept", await ServerData.ReadAsync(server, TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData("redis")]
    [InlineData("postgres")]
    public async Task Kill_of_a_server_lets_it_start_again_with_its_data(string kind)
    {
        await using var server = await StartAsync(kind);
        await ServerData.WriteAsync(server, "kept", TestContext.Current.CancellationToken);

        await server.KillAsync(TestContext.Current.CancellationToken);
        Assert.False(server.IsRunning);
        await server.RestartAsync(TestContext.Current.CancellationToken);

        Assert.Equal("kept", await ServerData.ReadAsync(server, TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData("redis")]
    [InlineData("postgres")]
    [InlineData("azurite")]
    public async Task Pause_of_a_server_lets_it_answer_nothing_until_it_is_resumed(string kind)
    {
        await using var server = await StartAsync(kind);
        await ServerData.WriteAsync(server, "kept", TestContext.Current.CancellationToken);

        server.Pause();
        Assert.True(server.IsRunning);
        Assert.Equal("T", StateOf(server.ProcessId));
        server.Resume();

        Assert.Equal("kept", await ServerData.ReadAsync(server, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Pause_of_PostgreSQL_leaves_no_backend_that_answers()
    {
        await using var server = (PostgresServer)await StartAsync("postgres");
        await using var source = Npgsql.NpgsqlDataSource.Create(server.ConnectionString + ";Command Timeout=60;Cancellation Timeout=-1");
        await using var connection = await source.OpenConnectionAsync(TestContext.Current.CancellationToken);
        await using var command = new Npgsql.NpgsqlCommand("SELECT 1", connection);
        Assert.Equal(1, await command.ExecuteScalarAsync(TestContext.Current.CancellationToken));

        command.CommandTimeout = 1;
        server.Pause();
        var exception = await Assert.ThrowsAsync<Npgsql.NpgsqlException>(() => command.ExecuteScalarAsync(TestContext.Current.CancellationToken));
        server.Resume();

        Assert.IsType<TimeoutException>(exception.InnerException);
    }

    [Theory]
    [InlineData("redis")]
    [InlineData("postgres")]
    [InlineData("azurite")]
    public async Task Find_by_the_directory_of_a_server_finds_it_again(string kind)
    {
        await using var server = await StartAsync(kind);

        var found = LocalServer.Open(_folder.Path);

        Assert.Equal((server.Name, server.ProcessId, server.ConnectionString), (found.Name, found.ProcessId, found.ConnectionString));
        Assert.True(found.IsRunning);
        await found.StopAsync(TestContext.Current.CancellationToken);
        Assert.False(server.IsRunning);
    }

    [Fact]
    public async Task Start_in_the_directory_of_a_running_server_is_refused()
    {
        await using var server = await StartAsync("redis");

        var exception = await Assert.ThrowsAsync<ServerStartException>(() => StartAsync("redis"));

        Assert.Contains(_folder.Path, exception.Message, StringComparison.Ordinal);
        Assert.True(server.IsRunning);
    }

    [Fact]
    public async Task Start_on_a_port_in_use_is_refused_with_the_servers_own_words()
    {
        await using var server = await StartAsync("redis");
        using var other = new TempFolder();

        var exception = await Assert.ThrowsAsync<ServerStartException>(
            () => RedisServer.StartAsync(other.Path, server.Port, TestContext.Current.CancellationToken));

        Assert.Contains("Address already in use", exception.Message, StringComparison.Ordinal);
        Assert.True(server.IsRunning);
    }

    [Fact]
    public void Signal_to_a_process_that_was_given_the_id_later_is_not_sent()
    {
        using var other = Process.Start("sleep", "60");
        var real = new ServerProcess(other.Id, StartTimeOf(other.Id));
        var earlier = real with { StartTime = real.StartTime - 1 };

        earlier.Kill();

        Assert.False(earlier.IsRunning);
        Assert.True(real.IsRunning);
        real.Kill();
        Assert.True(other.WaitForExit(Eventually.Patience));
        Assert.False(real.IsRunning);
    }

    private async Task<LocalServer> StartAsync(string kind) => kind switch
    {
        "redis" => await RedisServer.StartAsync(_folder.Path, cancellation: TestContext.Current.CancellationToken),
        "postgres" => await PostgresServer.StartAsync(_folder.Path, cancellation: TestContext.Current.CancellationToken),
        _ => await AzuriteServer.StartAsync(_folder.Path, cancellation: TestContext.Current.CancellationToken),
    };

    private static string StateOf(int id) => Stat(id)[0];

    private static long StartTimeOf(int id) => long.Parse(Stat(id)[19], CultureInfo.InvariantCulture);

    private static string[] Stat(int id)
    {
        var stat = File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{id}/stat"));
        return stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
    }
}
