using System.Runtime.InteropServices;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Hosting.Internal;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using ServerSession.Hosting;

namespace ServerSession.Tests;

/// <summary>The times of a shutdown, with a clock that the test moves.</summary>
public sealed class DrainingLifetimeTests : IDisposable
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan Margin = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan Delay = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(1);

    private readonly FakeTimeProvider _time = new();
    private readonly HostPhase _phase = new();
    private readonly RecordedExit _exit = new();
    private readonly ApplicationLifetime _application = new(NullLogger<ApplicationLifetime>.Instance);
    private readonly DrainingLifetime _lifetime;

    public DrainingLifetimeTests() => _lifetime = new DrainingLifetime(
        _phase,
        _application,
        new HostingEnvironment { EnvironmentName = Environments.Production, ContentRootPath = "/" },
        Options.Create(new DrainOptions { DrainDelay = Delay }),
        Options.Create(new HostOptions { ShutdownTimeout = Timeout }),
        _time,
        _exit,
        NullLoggerFactory.Instance);

    [Fact]
    public async Task Signal_after_the_start_stops_the_host_when_the_drain_delay_is_over_and_not_before()
    {
        await StartAsync();
        var stopping = new TaskCompletionSource();
        _application.ApplicationStopping.Register(stopping.SetResult);

        _lifetime.OnSignal(new PosixSignalContext(PosixSignal.SIGTERM));
        Assert.True(_phase.IsLeaving);
        _time.Advance(Delay - Tick);
        Assert.False(stopping.Task.IsCompleted);

        _time.Advance(Tick);
        await stopping.Task.WaitAsync(TimeSpan.FromSeconds(60));
        Assert.Null(_exit.Code);
    }

    [Fact]
    public async Task Signal_before_the_host_has_started_stops_it_without_a_delay()
    {
        await _lifetime.WaitForStartAsync(CancellationToken.None);

        _lifetime.OnSignal(new PosixSignalContext(PosixSignal.SIGTERM));

        Assert.True(_application.ApplicationStopping.IsCancellationRequested);
    }

    [Theory]
    [InlineData(PosixSignal.SIGTERM, 143)]
    [InlineData(PosixSignal.SIGINT, 130)]
    public async Task Signal_that_comes_twice_ends_the_process_at_once(PosixSignal signal, int exitCode)
    {
        await StartAsync();

        _lifetime.OnSignal(new PosixSignalContext(signal));
        Assert.Null(_exit.Code);
        _lifetime.OnSignal(new PosixSignalContext(signal));

        Assert.Equal(exitCode, _exit.Code);
    }

    [Fact]
    public async Task Stop_that_takes_longer_than_the_timeout_ends_the_process_with_1()
    {
        await StartAsync();

        _application.StopApplication();
        _time.Advance(Timeout + Margin - Tick);
        Assert.Null(_exit.Code);
        _time.Advance(Tick);

        Assert.Equal(1, _exit.Code);
    }

    public void Dispose() => _lifetime.Dispose();

    private async Task StartAsync()
    {
        await _lifetime.WaitForStartAsync(CancellationToken.None);
        _application.NotifyStarted();
    }

    private sealed class RecordedExit : IProcessExit
    {
        public int? Code { get; private set; }

        public void Now(int exitCode) => Code = exitCode;
    }
}
