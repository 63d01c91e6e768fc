using ServerSession.Storage;

namespace ServerSession.Tests.Storage;

public sealed class OptionsTests
{
    [Fact]
    public void Defaults_are_the_documented_ones()
    {
        var options = new SqliteGrainStorageOptions();
        Assert.Null(options.Path);
        Assert.Equal(TimeSpan.FromSeconds(10), options.LockTimeout);
        Assert.Equal(512, options.MaxBatchSize);
        Assert.Equal(1000, options.CheckpointPages);
        Assert.Equal(8, options.MaxIdleReaders);
        Assert.False(options.AllowClustering);
        Assert.True(options.CheckAtStart);
        Assert.Equal(ServiceLifecycleStage.RuntimeStorageServices, options.InitStage);
    }

    public static TheoryData<string, Action<SqliteGrainStorageOptions>> Wrong => new()
    {
        { "Path", options => options.Path = null },
        { "Path", options => options.Path = "  " },
        { "Path", options => options.Path = ":memory:" },
        { "Path", options => options.Path = "file:x.db?mode=memory" },
        { "Path", options => options.Path = "a\0b" },
        { "LockTimeout", options => options.LockTimeout = TimeSpan.FromTicks(-1) },
        { "LockTimeout", options => options.LockTimeout = TimeSpan.FromHours(1) + TimeSpan.FromTicks(1) },
        { "MaxBatchSize", options => options.MaxBatchSize = 0 },
        { "MaxBatchSize", options => options.MaxBatchSize = 10_001 },
        { "CheckpointPages", options => options.CheckpointPages = 0 },
        { "CheckpointPages", options => options.CheckpointPages = 1_000_001 },
        { "MaxIdleReaders", options => options.MaxIdleReaders = 0 },
        { "MaxIdleReaders", options => options.MaxIdleReaders = 1001 },
        { "InitStage", options => options.InitStage = ServiceLifecycleStage.GrainDeactivation },
    };

    [Theory]
    [MemberData(nameof(Wrong))]
    public void Validate_out_of_range_names_the_key(string key, Action<SqliteGrainStorageOptions> change)
    {
        var options = new SqliteGrainStorageOptions { Path = "data/sessions.db" };
        change(options);
        var error = Assert.Throws<OrleansConfigurationException>(() => new SqliteGrainStorageOptionsValidator(options, "s").ValidateConfiguration());
        Assert.Contains($"Orleans:GrainStorage:s:{key} ", error.Message, StringComparison.Ordinal);
    }

    public static TheoryData<Action<SqliteGrainStorageOptions>> Right => new()
    {
        _ => { },
        options => options.LockTimeout = TimeSpan.Zero,
        options => options.LockTimeout = TimeSpan.FromHours(1),
        options => options.MaxBatchSize = 1,
        options => options.MaxBatchSize = 10_000,
        options => options.CheckpointPages = 1_000_000,
        options => options.MaxIdleReaders = 1000,
        options => options.InitStage = ServiceLifecycleStage.ApplicationServices,
    };

    [Theory]
    [MemberData(nameof(Right))]
    public void Validate_in_range_passes(Action<SqliteGrainStorageOptions> change)
    {
        var options = new SqliteGrainStorageOptions { Path = "data/sessions.db" };
        change(options);
        new SqliteGrainStorageOptionsValidator(options, "s").ValidateConfiguration();
        Assert.NotEmpty(options.Path);
    }

    [Theory]
    [InlineData("0123456789abcdef", true)]
    [InlineData("ffffffffffffffff", true)]
    [InlineData("0123456789ABCDEF", false)]
    [InlineData("123456789abcdef", false)]
    [InlineData(" 123456789abcdef", false)]
    [InlineData("", false)]
    public void Etag_is_read_in_its_one_spelling_only(string text, bool isEtag)
    {
        Assert.Equal(isEtag, Etag.TryParse(text, out var value));
        if (isEtag)
        {
            Assert.Equal(text, Etag.Format(value));
        }
    }
}
