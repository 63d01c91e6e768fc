using System.Net;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace ServerSession.Tests;

/// <summary>Signing keys that change: requests without a valid token cost at most one read in a few seconds, and an unknown ring is never "anonymous".</summary>
public sealed class KeyRingTests
{
    private static readonly TokenSigningKey First = Key(1);
    private static readonly TokenSigningKey Second = Key(2);

    /// <summary>A key of a number: ids are short, and two random keys may have the same.</summary>
    private static TokenSigningKey Key(int number) => new(SHA256.HashData([(byte)number]), DateTimeOffset.MinValue, DateTimeOffset.MaxValue);

    private sealed class ChangingKeys : ISigningKeySource
    {
        private int _reads;

        public Func<ValueTask<TokenSigningKeyRing>> Answer { get; set; } = static () => new(new TokenSigningKeyRing([First]));

        public int Reads => _reads;

        public bool Changes => true;

        public ValueTask<TokenSigningKeyRing> GetAsync()
        {
            Interlocked.Increment(ref _reads);
            return Answer();
        }
    }

    private static Task<TestApp> StartAsync(ChangingKeys keys) => TestApp.StartAsync(new TestSetup
    {
        Sessions = sessions =>
        {
            sessions.Services.Replace(ServiceDescriptor.Singleton<ISigningKeySource>(keys));

            // Reads come from requests alone, so that they can be counted.
            sessions.Services.RemoveAll<Microsoft.Extensions.Hosting.IHostedService>();
            sessions.Services.AddHostedService<Nothing>();
        },
        Inside = static app =>
        {
            app.MapGet("/set", (HttpContext context) => context.GetServerSession().Set("a", "one"));
            app.MapGet("/read", async (HttpContext context) => await context.GetServerSession().GetAsync<string>("a") ?? "none");
        },
    });

    private sealed class Nothing : Microsoft.Extensions.Hosting.BackgroundService
    {
        protected override Task ExecuteAsync(CancellationToken stoppingToken) => Task.CompletedTask;
    }

    [Fact]
    public async Task Ring_that_was_never_loaded_is_503_for_tokens_and_nothing_for_others()
    {
        var keys = new ChangingKeys { Answer = static () => throw new SessionUnavailableException() };
        await using var app = await StartAsync(keys);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await app.SendAsync("/read", SessionToken.New().Encode(First))).StatusCode);
        Assert.Equal("none", await app.GetTextAsync("/read"));
        Assert.Equal("none", await app.GetTextAsync("/read", "junk"));
        Assert.Empty(app.Store.Calls);
    }

    [Fact]
    public async Task Ring_that_was_never_loaded_is_asked_once_a_second()
    {
        var keys = new ChangingKeys { Answer = static () => throw new SessionUnavailableException() };
        await using var app = await StartAsync(keys);
        for (var request = 0; request < 20; request++)
        {
            await app.SendAsync("/read", SessionToken.New().Encode(First));
        }

        Assert.Equal(1, keys.Reads);
        app.Time.Advance(SigningKeyRingProvider.LoadPause);
        keys.Answer = static () => new(new TokenSigningKeyRing([First]));

        Assert.Equal(HttpStatusCode.OK, (await app.SendAsync("/read", SessionToken.New().Encode(First))).StatusCode);
        Assert.Equal(2, keys.Reads);
    }

    [Fact]
    public async Task Key_that_is_unknown_in_many_requests_is_looked_up_once_in_a_while()
    {
        var keys = new ChangingKeys();
        await using var app = await StartAsync(keys);
        await app.NewSessionAsync();
        app.Time.Advance(SigningKeyRingProvider.RefreshPause);
        var before = keys.Reads;

        await Task.WhenAll(Enumerable.Range(10, 50).Select(number => app.GetTextAsync("/read", SessionToken.New().Encode(Key(number)))));

        Assert.Equal(before + 1, keys.Reads);
        Assert.Empty(app.Store.Calls);
    }

    [Fact]
    public async Task Key_that_was_added_meanwhile_is_found_by_the_refresh()
    {
        var keys = new ChangingKeys();
        await using var app = await StartAsync(keys);
        await app.NewSessionAsync();
        app.Time.Advance(SigningKeyRingProvider.RefreshPause);
        keys.Answer = static () => new(new TokenSigningKeyRing([First, Second]));

        await app.GetTextAsync("/read", SessionToken.New().Encode(Second));

        Assert.Equal(["open"], app.Store.TakeCalls());
    }

    [Fact]
    public async Task Key_that_is_unknown_when_the_refresh_fails_is_503()
    {
        var keys = new ChangingKeys();
        await using var app = await StartAsync(keys);
        var token = await app.NewSessionAsync();
        app.Time.Advance(SigningKeyRingProvider.RefreshPause);
        keys.Answer = static () => throw new SessionUnavailableException();

        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await app.SendAsync("/read", SessionToken.New().Encode(Second))).StatusCode);
        Assert.Equal("one", await app.GetTextAsync("/read", token));
    }

    [Fact]
    public async Task Refresher_reads_at_start_and_at_every_interval()
    {
        var keys = new ChangingKeys();
        var time = new TestClock();
        var provider = new SigningKeyRingProvider(keys, time);
        var options = Microsoft.Extensions.Options.Options.Create(new ServerSessionOptions());
        using var refresher = new SigningKeyRefresher(provider, options, time, Microsoft.Extensions.Logging.Abstractions.NullLogger<SigningKeyRefresher>.Instance);
        await refresher.StartAsync(TestContext.Current.CancellationToken);
        for (var reads = 1; reads < 4; reads++)
        {
            await time.WaitedForAsync(TimeSpan.FromMinutes(1));
            Assert.Equal(reads, keys.Reads);
            time.Advance(TimeSpan.FromMinutes(1));
        }

        await refresher.StopAsync(TestContext.Current.CancellationToken);
        Assert.NotNull(provider.Current);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Refresher_that_stops_waits_for_a_read_under_way_as_long_as_its_patience(bool isPatient)
    {
        var (asked, answered) = (new TaskCompletionSource(), new TaskCompletionSource<TokenSigningKeyRing>());
        var keys = new ChangingKeys
        {
            Answer = () =>
            {
                asked.SetResult();
                return new(answered.Task);
            },
        };
        var time = new TestClock();
        using var refresher = new SigningKeyRefresher(
            new SigningKeyRingProvider(keys, time), Microsoft.Extensions.Options.Options.Create(new ServerSessionOptions()), time,
            Microsoft.Extensions.Logging.Abstractions.NullLogger<SigningKeyRefresher>.Instance)
        {
            StopPatience = isPatient ? TimeSpan.FromMinutes(10) : TimeSpan.Zero,
        };
        await refresher.StartAsync(TestContext.Current.CancellationToken);
        await asked.Task;

        var stop = refresher.StopAsync(TestContext.Current.CancellationToken);

        if (isPatient)
        {
            Assert.False(stop.IsCompleted);
            answered.SetResult(new TokenSigningKeyRing([First]));
        }

        await stop;
        Assert.True(refresher.ExecuteTask!.IsCompleted);
    }

    /// <summary>A read that waits for the connection of a client cannot succeed before the process ends.</summary>
    [Fact]
    public async Task Refresher_of_a_frontend_that_is_not_connected_stops_without_waiting_for_its_read()
    {
        var asked = new TaskCompletionSource();
        var keys = new ChangingKeys
        {
            Answer = () =>
            {
                asked.SetResult();
                return new(new TaskCompletionSource<TokenSigningKeyRing>().Task);
            },
        };
        using var refresher = Refresher(keys, new FakeConnection());
        await refresher.StartAsync(TestContext.Current.CancellationToken);
        await asked.Task;

        await refresher.StopAsync(TestContext.Current.CancellationToken);

        Assert.True(refresher.ExecuteTask!.IsCompleted);
    }

    /// <summary>A silo that was registered later than the refresher stops before it: a read under way would fail then.</summary>
    [Fact]
    public async Task Refresher_of_a_host_that_stops_waits_for_its_read_before_any_service_stops()
    {
        var (asked, answered) = (new TaskCompletionSource(), new TaskCompletionSource<TokenSigningKeyRing>());
        var keys = new ChangingKeys
        {
            Answer = () =>
            {
                asked.SetResult();
                return new(answered.Task);
            },
        };
        var builder = Microsoft.Extensions.Hosting.Host.CreateEmptyApplicationBuilder(settings: null);
        builder.Services.AddHostedService(_ => Refresher(keys));
        builder.Services.AddHostedService(static _ => new Silo());
        using var host = builder.Build();
        var silo = host.Services.GetServices<Microsoft.Extensions.Hosting.IHostedService>().OfType<Silo>().Single();
        await host.StartAsync(TestContext.Current.CancellationToken);
        await asked.Task;

        var stop = host.StopAsync(TestContext.Current.CancellationToken);

        Assert.False(silo.HasStopped);
        answered.SetResult(new TokenSigningKeyRing([First]));
        await stop;
        Assert.True(silo.HasStopped);
    }

    private sealed class Silo : Microsoft.Extensions.Hosting.IHostedService
    {
        public bool HasStopped { get; private set; }

        public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken)
        {
            HasStopped = true;
            return Task.CompletedTask;
        }
    }

    private static SigningKeyRefresher Refresher(ChangingKeys keys, FakeConnection? connection = null)
    {
        var time = new TestClock();
        return new SigningKeyRefresher(
            new SigningKeyRingProvider(keys, time), Microsoft.Extensions.Options.Options.Create(new ServerSessionOptions()), time,
            Microsoft.Extensions.Logging.Abstractions.NullLogger<SigningKeyRefresher>.Instance, connection: connection)
        {
            StopPatience = TimeSpan.FromMinutes(10),
        };
    }

    [Fact]
    public async Task GetAsync_whose_argument_the_grain_refuses_does_not_speak_of_a_missing_grain()
    {
        var keys = new GrainSigningKeys(GrainStoreTests.FakeFactory.Of(new RefusingKeys()), GrainStoreTests.CallsOf(new ServerSessionOptions(), new TestClock()));

        Assert.Equal("refused", (await Assert.ThrowsAsync<ArgumentException>(async () => await keys.GetAsync())).Message);
    }

    private sealed class RefusingKeys : ISigningKeyGrain
    {
        public ValueTask<TokenSigningKeyRing> GetAsync() => throw new ArgumentException("refused");
    }

    [Fact]
    public async Task GetAsync_in_a_cluster_where_no_silo_owns_sessions_says_what_to_call()
    {
        var keys = new GrainSigningKeys(
            System.Reflection.DispatchProxy.Create<IGrainFactory, ForeignCluster>(), GrainStoreTests.CallsOf(new ServerSessionOptions(), new TestClock()));

        var exception = await Assert.ThrowsAsync<SessionUnavailableException>(async () => await keys.GetAsync());

        Assert.Contains("call silo.AddServerSession()", exception.Message, StringComparison.Ordinal);
    }

    /// <summary>What Orleans' factory does where no silo has a class for the interface.</summary>
    public class ForeignCluster : System.Reflection.DispatchProxy
    {
        protected override object? Invoke(System.Reflection.MethodInfo? targetMethod, object?[]? args) =>
            throw new ArgumentException("Could not find an implementation for interface.");
    }
}
