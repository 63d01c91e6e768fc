using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using ServerSession.Hosting;

namespace ServerSession.Tests;

/// <summary>Which entries the hosts keep out of their log while they start and while they stop.</summary>
public sealed class HostLogGateTests : IAsyncDisposable
{
    private const string Membership = "Orleans.Runtime.MembershipService.MembershipAgent";

    private readonly WebApplication _app;

    public HostLogGateTests()
    {
        var builder = WebApplication.CreateSlimBuilder(
            ["--Logging:LogLevel:Polly=Debug", "--Logging:LogLevel:Orleans.Runtime.Silo=Error", $"--Logging:LogLevel:{Membership}=Information"]);
        builder.AddLoggingDefaults();
        _app = builder.Build();
        _app.Services.GetRequiredService<HostLogGate>().Follow(Lifetime);
    }

    private IHostApplicationLifetime Lifetime => _app.Services.GetRequiredService<IHostApplicationLifetime>();

    [Fact]
    public void Entries_before_the_start_pass_below_error_where_the_start_failure_is_told_in_one_line()
    {
        Assert.False(Passes("Orleans.Runtime.SiloLifecycleSubject", LogLevel.Error));
        Assert.True(Passes("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.Warning));
        Assert.True(Passes("Orleans.Messaging", LogLevel.Error));
        Assert.True(Passes(Membership, LogLevel.Error));
        Assert.True(Passes("ServerSession.Grains", LogLevel.Error));
    }

    [Fact]
    public void Entries_while_the_host_runs_pass_at_the_levels_of_the_configuration()
    {
        Start();

        Assert.True(Passes("Orleans.Runtime.SiloLifecycleSubject", LogLevel.Error));
        Assert.False(Passes("Orleans.Messaging", LogLevel.Information));
        Assert.True(Passes("Orleans.Messaging", LogLevel.Warning));
        Assert.True(Passes("Polly", LogLevel.Debug));
        Assert.False(Passes("Orleans.Runtime.Silo", LogLevel.Warning));
        Assert.True(Passes(Membership, LogLevel.Information));
    }

    [Fact]
    public void Entries_of_a_stop_after_the_start_lack_only_the_calls_that_a_leaving_silo_gives_up()
    {
        Start();
        Lifetime.StopApplication();

        Assert.False(Passes("Orleans.Messaging", LogLevel.Error));
        Assert.False(Passes("Orleans.Grain.InvokeException", LogLevel.Warning));
        Assert.False(Passes("Polly", LogLevel.Error));
        Assert.True(Passes("Orleans.Messaging", LogLevel.Critical));
        Assert.True(Passes("Orleans.Grain", LogLevel.Error));
        Assert.True(Passes(Membership, LogLevel.Error));
        Assert.True(Passes("ServerSession.Grains", LogLevel.Warning));
    }

    [Fact]
    public void Entries_of_a_stop_before_the_start_are_told_of_the_sessions_and_not_of_Orleans()
    {
        // What waits for the stop goes on before a callback that was registered earlier.
        bool? passes = null;
        Lifetime.ApplicationStopping.Register(() => passes = Passes(Membership, LogLevel.Error));
        Lifetime.StopApplication();

        Assert.False(passes);
        Assert.False(Passes("Orleans.Runtime.Silo", LogLevel.Error));
        Assert.False(Passes("Orleans.Grain", LogLevel.Warning));
        Assert.True(Passes("Orleans.Grain", LogLevel.Critical));
        Assert.True(Passes("ServerSession.Grains", LogLevel.Error));
    }

    /// <summary>A filter that code adds has no level, and passes what its function passes.</summary>
    [Fact]
    public async Task Entries_of_a_category_with_a_filter_without_a_level_pass_as_the_filter_says()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.AddLoggingDefaults();
        builder.Logging.AddFilter("Orleans.Messaging", static level => level is LogLevel.Debug);
        await using var app = builder.Build();
        var log = app.Services.GetRequiredService<ILoggerFactory>().CreateLogger("Orleans.Messaging");

        Assert.True(log.IsEnabled(LogLevel.Debug));
        Assert.False(log.IsEnabled(LogLevel.Warning));
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private void Start() => ((Microsoft.Extensions.Hosting.Internal.ApplicationLifetime)Lifetime).NotifyStarted();

    private bool Passes(string category, LogLevel level) => _app.Services.GetRequiredService<ILoggerFactory>().CreateLogger(category).IsEnabled(level);
}
