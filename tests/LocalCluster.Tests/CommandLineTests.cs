using ServerSession.LocalCluster;

namespace ServerSession.Tests;

/// <summary>What people type, and what they are told when it cannot work.</summary>
public sealed class CommandLineTests
{
    [Fact]
    public void Up_without_options_is_three_silos_two_frontends_and_Redis()
    {
        var options = CommandLine.Parse(["up"]).ToOptions();

        Assert.Equal((3, 2, false, StorageKind.Redis), (options.Silos, options.WebHosts, options.Cohosted, options.Storage));
    }

    [Fact]
    public void Up_with_SQLite_and_no_number_is_one_silo()
    {
        Assert.Equal(1, CommandLine.Parse(["up", "--storage", "sqlite"]).ToOptions().Silos);
        Assert.Equal(1, CommandLine.Parse(["up", "--storage=sqlite", "--cohosted"]).ToOptions().WebHosts);
    }

    [Fact]
    public void Up_with_settings_keeps_everything_after_the_first_equals_sign()
    {
        var options = CommandLine.Parse(["up", "--set", "ServerSession:IdleTimeout=00:05:00", "--set", "Some__Key=a=b"]).ToOptions();

        Assert.Equal("00:05:00", options.Settings["ServerSession:IdleTimeout"]);
        Assert.Equal("a=b", options.Settings["Some:Key"]);
    }

    [Theory]
    [InlineData("--silos needs a value", "up", "--silos")]
    [InlineData("--silos is 'x'", "up", "--silos", "x")]
    [InlineData("--storage is 'disk'", "up", "--storage", "disk")]
    [InlineData("--storage is '0'", "up", "--storage", "0")]
    [InlineData("--set 'a'", "up", "--set", "a")]
    [InlineData("--color is no option", "up", "--color")]
    [InlineData("leave --silos out", "up", "--cohosted", "--silos", "2")]
    [InlineData("--silos belongs to `up`", "down", "--silos", "2")]
    public void Line_that_makes_no_sense_is_refused_with_the_reason(string reason, params string[] arguments)
    {
        var refused = Assert.Throws<LocalClusterException>(() => CommandLine.Parse(arguments).ToOptions());

        Assert.Contains(reason, refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("its file belongs to one process", StorageKind.Sqlite, 2, 1, false)]
    [InlineData("its file belongs to one process", StorageKind.Sqlite, 0, 2, true)]
    [InlineData("--silos is 0", StorageKind.Redis, 0, 2, false)]
    [InlineData("--webhosts is 0", StorageKind.Redis, 0, 0, true)]
    public async Task Up_that_cannot_work_is_refused_before_anything_starts(string reason, StorageKind storage, int silos, int webHosts, bool cohosted)
    {
        await using var folder = new ClusterFolder();
        var options = new ProcessClusterOptions { Storage = storage, Silos = silos, WebHosts = webHosts, Cohosted = cohosted };

        var refused = await Assert.ThrowsAsync<LocalClusterException>(() => ProcessCluster.UpAsync(folder.Path, options));

        Assert.Contains(reason, refused.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFileSystemEntries(folder.Path));
    }

    [Fact]
    public void Status_is_the_documented_json()
    {
        var status = new ClusterStatus(
            [new(MemberRole.Silo, 1, 42, true, new Uri("http://127.0.0.1:5000")), new(MemberRole.WebHost, 2, null, false, new Uri("http://127.0.0.1:5001"))],
            [new("redis", 43, 6379)]);

        Assert.Equal(
            """
            {"members":[{"role":"silo","index":1,"pid":42,"ready":true,"http":"http://127.0.0.1:5000"},{"role":"webhost","index":2,"pid":null,"ready":false,"http":"http://127.0.0.1:5001"}],"servers":[{"name":"redis","pid":43,"port":6379}]}
            """,
            string.Concat(status.ToJson().Where(static character => !char.IsWhiteSpace(character))));
    }
}
