using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Diagnostics.Metrics.Testing;
using Orleans.Serialization;
using ServerSession.Tests.Endings;
using ServerSession.Tests.Support;
using ServerSession.Tests.Web;

namespace ServerSession.Tests.NearCache;

/// <summary>Endpoints that declare how old a session may be: what they ask, what they see at once, and what at the latest.</summary>
public class NearCacheTests
{
    private static readonly TimeSpan Short = TimeSpan.FromSeconds(2);

    private static Task<WebFrontend> StartAsync(SessionCluster cluster, int entries = 2_000, IServiceProvider? silo = null, TimeProvider? time = null) => WebFrontend.StartAsync(
        cluster,
        silo: silo,
        services: services =>
        {
            services.Configure<ServerSessionOptions>(options => options.NearCache.Entries = entries);

            // What is read does not get old by itself, so each question has another cause.
            services.Replace(ServiceDescriptor.Singleton(time ?? new SteadyAges()));
        },
        routes: static app =>
        {
            app.MapGet("/short", (Delegate)ReadAsync).WithSessionMaxStaleness(Short);
            app.MapGet("/now", (Delegate)ReadAsync).WithSessionMaxStaleness(TimeSpan.FromMilliseconds(1));
            app.MapGet("/long", (Delegate)ReadAsync).WithSessionMaxStaleness(TimeSpan.FromSeconds(60));
            app.MapGet("/id", static async (IServerSession session) => await session.ExistsAsync() ? $"{session.Id}" : "none");
            app.MapPost("/bind", (Delegate)BindAsync);
            app.MapGet("/bound", (Delegate)IsBoundAsync).WithSessionMaxStaleness(TimeSpan.FromSeconds(60));
            app.MapPost("/end-user", (IServerSessionSubjects subjects) => subjects.EndAllAsync("anna"));
            app.MapPost("/end-all", (ISessionAdministration administration) => administration.EndAllAsync());
        });

    private static async Task<string> ReadAsync(HttpContext context) => await context.GetServerSession().GetAsync<string>("quote") ?? "none";

    private static async Task BindAsync(HttpContext context) => await context.GetServerSession().BindToAsync("anna");

    private static async Task<bool?> IsBoundAsync(HttpContext context)
    {
        await context.GetServerSession().GetAsync<string>("quote");
        return context.GetServerSession().IsBound;
    }

    private static Task<SessionCluster> ClusterAsync(Calls calls) =>
        SessionCluster.StartAsync(2, null, silo => { SystemTime.Use(silo); silo.AddIncomingGrainCallFilter(calls); silo.AddOutgoingGrainCallFilter(calls); });

    [Fact]
    public async Task Read_asks_the_session_once_in_the_declared_time_and_an_endpoint_that_declares_none_each_time()
    {
        var calls = new Calls();
        await using var cluster = await ClusterAsync(calls);
        await using var frontend = await StartAsync(cluster);
        var cookie = (await frontend.SendAsync("PUT", "/write/q")).Cookie;
        Assert.Equal("q", (await frontend.SendAsync("GET", "/long", cookie)).Body);
        var asked = calls.Reads;

        for (var read = 0; read < 10; read++)
        {
            Assert.Equal("q", (await frontend.SendAsync("GET", "/long", cookie)).Body);
        }

        Assert.Equal(asked, calls.Reads);
        Assert.Equal("q", (await frontend.SendAsync("GET", "/read", cookie)).Body);
        Assert.Equal("q", (await frontend.SendAsync("GET", "/read", cookie)).Body);
        Assert.Equal(asked + 2, calls.Reads);
    }

    [Fact]
    public async Task Write_is_read_at_once_by_the_frontend_that_made_it_while_others_read_there()
    {
        await using var cluster = await ClusterAsync(new Calls());
        await using var frontend = await StartAsync(cluster);
        var cookie = (await frontend.SendAsync("PUT", "/write/0")).Cookie;
        using var stop = new CancellationTokenSource();
        var readers = Enumerable.Range(0, 4).Select(_ => Task.Run(async () =>
        {
            while (!stop.IsCancellationRequested)
            {
                await frontend.SendAsync("GET", "/long", cookie);
            }
        })).ToArray();

        for (var write = 1; write <= 100; write++)
        {
            await frontend.SendAsync("PUT", $"/write/{write}", cookie);
            Assert.Equal($"{write}", (await frontend.SendAsync("GET", "/long", cookie)).Body);
        }

        await stop.CancelAsync();
        await Task.WhenAll(readers);
    }

    [Theory]
    [InlineData("/end-user")]
    [InlineData("/end-all")]
    public async Task End_of_all_sessions_is_seen_at_once_by_the_frontend_that_asked_for_it_though_no_message_arrives(string end)
    {
        await using var cluster = await ClusterAsync(new Calls { LosesNotices = true });
        await using var frontend = await StartAsync(cluster);
        var cookie = (await frontend.SendAsync("PUT", "/write/q")).Cookie;
        cookie = (await frontend.SendAsync("POST", "/bind", cookie)).Cookie;
        Assert.Equal("q", (await frontend.SendAsync("GET", "/long", cookie)).Body);

        await frontend.SendAsync("POST", end);

        Assert.Equal("none", (await frontend.SendAsync("GET", "/long", cookie)).Body);
    }

    [Fact]
    public async Task Read_from_the_cache_says_that_the_session_is_bound_as_the_session_does()
    {
        await using var cluster = await ClusterAsync(new Calls());
        await using var frontend = await StartAsync(cluster);
        var cookie = (await frontend.SendAsync("PUT", "/write/q")).Cookie;
        cookie = (await frontend.SendAsync("POST", "/bind", cookie)).Cookie;

        Assert.Equal("true", (await frontend.SendAsync("GET", "/bound", cookie)).Body);
        Assert.Equal("true", (await frontend.SendAsync("GET", "/bound", cookie)).Body);
    }

    [Fact]
    public async Task Change_rotation_and_end_on_another_frontend_are_seen_long_before_the_declared_time()
    {
        await using var cluster = await ClusterAsync(new Calls());
        await using var one = await StartAsync(cluster);
        await using var other = await StartAsync(cluster);
        var cookie = (await one.SendAsync("PUT", "/write/old")).Cookie;
        Assert.Equal("old", (await one.SendAsync("GET", "/long", cookie)).Body);

        await other.SendAsync("PUT", "/write/new", cookie);
        await UntilReadAsync(one, cookie, "new");
        var fresh = (await other.SendAsync("POST", "/rotate", cookie)).Cookie;
        await UntilReadAsync(one, cookie, "none");
        await UntilReadAsync(one, fresh, "new");
        await other.SendAsync("POST", "/destroy", fresh);
        await UntilReadAsync(one, fresh, "none");
    }

    [Fact]
    public async Task Read_with_every_message_of_the_silos_lost_is_never_older_than_declared()
    {
        var calls = new Calls { LosesNotices = true };
        await using var cluster = await ClusterAsync(calls);
        await using var one = await StartAsync(cluster, time: TimeProvider.System);
        await using var other = await StartAsync(cluster);
        var cookie = (await one.SendAsync("PUT", "/write/old")).Cookie;
        Assert.Equal("old", (await one.SendAsync("GET", "/short", cookie)).Body);
        await other.SendAsync("PUT", "/write/new", cookie);
        var written = TimeProvider.System.GetTimestamp();

        string body;
        do
        {
            var asked = TimeProvider.System.GetTimestamp();
            body = (await one.SendAsync("GET", "/short", cookie)).Body;

            // What is served was confirmed by a call that began before the write was answered.
            Assert.True(body == "new" || TimeProvider.System.GetElapsedTime(written, asked) < Short, "An answer was older than declared.");
            await Task.Delay(20);
        }
        while (body != "new");
    }

    [Fact]
    public async Task Read_in_a_silo_is_served_by_the_silo_for_its_sessions_and_from_the_cache_for_those_of_others()
    {
        var calls = new Calls();
        await using var cluster = await ClusterAsync(calls);
        await using var beside = await StartAsync(cluster, silo: cluster.Silos[0].ServiceProvider);
        await using var other = await StartAsync(cluster);
        string? own = null, foreign = null;
        while (own is null || foreign is null)
        {
            var cookie = (await other.SendAsync("PUT", "/write/0")).Cookie!;
            Assert.True(SessionId.TryParse((await other.SendAsync("GET", "/id", cookie)).Body, out var id));
            var isOwn = (await cluster.OwnerAsync(id))!.SiloAddress == cluster.Silos[0].SiloAddress;
            (own, foreign) = isOwn ? (cookie, foreign) : (own, cookie);
            Assert.Equal("0", (await beside.SendAsync("GET", "/long", cookie)).Body);
            Assert.Equal("0", (await beside.SendAsync("GET", "/long", cookie)).Body);
        }

        var asked = calls.Reads;
        for (var read = 0; read < 10; read++)
        {
            await beside.SendAsync("GET", "/long", own);
            await beside.SendAsync("GET", "/long", foreign);
        }

        Assert.Equal(asked, calls.Reads);
        for (var write = 1; write <= 20; write++)
        {
            // Beside its silo a session is read as it is, whoever changed it.
            await other.SendAsync("PUT", $"/write/{write}", own);
            Assert.Equal($"{write}", (await beside.SendAsync("GET", "/long", own)).Body);
        }

        await other.SendAsync("PUT", "/write/new", foreign);
        await UntilReadAsync(beside, foreign, "new");
        await beside.SendAsync("PUT", "/write/newer", foreign);
        Assert.Equal("newer", (await beside.SendAsync("GET", "/long", foreign)).Body);
        await other.SendAsync("POST", "/destroy", own);
        Assert.Equal("none", (await beside.SendAsync("GET", "/long", own)).Body);
        await other.SendAsync("POST", "/destroy", foreign);
        await UntilReadAsync(beside, foreign, "none");
    }

    [Fact]
    public async Task Reads_and_what_is_kept_are_measured()
    {
        await using var cluster = await ClusterAsync(new Calls());
        var ages = new SteadyAges();
        await using var frontend = await StartAsync(cluster, entries: 2, time: ages);
        var meters = frontend.Services.GetRequiredService<IMeterFactory>();
        using var reads = new MetricCollector<long>(meters, "ServerSession.AspNetCore", "server_session.near_cache.reads");
        using var evictions = new MetricCollector<long>(meters, "ServerSession.AspNetCore", "server_session.near_cache.evictions");
        using var entries = new MetricCollector<long>(meters, "ServerSession.AspNetCore", "server_session.near_cache.entries");
        using var bytes = new MetricCollector<long>(meters, "ServerSession.AspNetCore", "server_session.near_cache.bytes");
        var cookie = (await frontend.SendAsync("PUT", "/write/q")).Cookie;

        foreach (var path in new[] { "/long", "/long", "/now", "/long", "/read" })
        {
            ages.Grow(path == "/now" ? TimeSpan.FromMilliseconds(2) : TimeSpan.Zero);
            await frontend.SendAsync("GET", path, cookie);
        }

        Assert.Equal(["miss", "hit", "unchanged", "hit"], reads.GetMeasurementSnapshot().Select(static measurement => measurement.Tags["result"]));
        entries.RecordObservableInstruments();
        bytes.RecordObservableInstruments();
        Assert.Equal(1, entries.LastMeasurement!.Value);
        Assert.Equal("quote\"q\"".Length, bytes.LastMeasurement!.Value);
        foreach (var value in new[] { "second", "third" })
        {
            await frontend.SendAsync("GET", "/long", (await frontend.SendAsync("PUT", $"/write/{value}")).Cookie);
        }

        Assert.Single(evictions.GetMeasurementSnapshot());
        await frontend.SendAsync("POST", "/end-all");
        await frontend.SendAsync("GET", "/long", cookie);
        Assert.Equal("miss", reads.LastMeasurement!.Tags["result"]);
        entries.RecordObservableInstruments();
        Assert.Equal(2, entries.LastMeasurement!.Value);
    }

    [Fact]
    public async Task Read_of_more_sessions_than_are_kept_asks_again()
    {
        var calls = new Calls();
        await using var cluster = await ClusterAsync(calls);
        await using var frontend = await StartAsync(cluster, entries: 2);
        await using var none = await StartAsync(cluster, entries: 0);
        var cookies = new List<string?>();
        for (var session = 0; session < 3; session++)
        {
            cookies.Add((await frontend.SendAsync("PUT", $"/write/{session}")).Cookie);
            Assert.Equal($"{session}", (await frontend.SendAsync("GET", "/long", cookies[session])).Body);
        }

        var asked = calls.Reads;
        Assert.Equal("2", (await frontend.SendAsync("GET", "/long", cookies[2])).Body);
        Assert.Equal(asked, calls.Reads);
        Assert.Equal("0", (await frontend.SendAsync("GET", "/long", cookies[0])).Body);
        Assert.Equal(asked + 1, calls.Reads);
        await none.SendAsync("GET", "/long", cookies[0]);
        await none.SendAsync("GET", "/long", cookies[0]);
        Assert.Equal(asked + 3, calls.Reads);
    }

    [Fact]
    public async Task Accesses_that_were_served_here_are_told_to_the_session_with_their_time()
    {
        var calls = new Calls();
        await using var cluster = await ClusterAsync(calls);
        await using var frontend = await StartAsync(cluster);
        var cookie = (await frontend.SendAsync("PUT", "/write/q")).Cookie;
        await frontend.SendAsync("GET", "/long", cookie);
        var before = DateTimeOffset.UtcNow;
        await frontend.SendAsync("GET", "/long", cookie);
        var after = DateTimeOffset.UtcNow;

        await SessionCluster.UntilAsync(() => Task.FromResult(!calls.Touches.IsEmpty), "the session hears of the access");
        var touch = Assert.Single(calls.Touches);
        Assert.InRange(touch.AccessedAt!.Value, before, after);
        Assert.True(touch is { Touch: true, Changes.Count: 0 });
    }

    [Fact]
    public async Task Commit_that_tells_an_earlier_access_extends_the_session_from_then_and_never_back()
    {
        await using var cluster = await SessionCluster.StartAsync();
        var session = await cluster.CreateAsync();
        var created = cluster.Clock.GetUtcNow();
        cluster.Clock.Advance(TimeSpan.FromMinutes(10));

        var told = await session.Grain.CommitAsync(session.CommitRequest() with { AccessedAt = created.AddMinutes(4) });
        var earlier = await session.Grain.CommitAsync(session.CommitRequest() with { AccessedAt = created.AddMinutes(2) });
        var future = await session.Grain.CommitAsync(session.CommitRequest() with { AccessedAt = created.AddHours(1) });

        Assert.Equal(created.AddMinutes(24), told.ExpiresAt);
        Assert.Equal(created.AddMinutes(24), earlier.ExpiresAt);
        Assert.Equal(created.AddMinutes(30), future.ExpiresAt);
    }

    [Fact]
    public async Task Silo_that_does_not_know_the_call_is_asked_as_before()
    {
        var calls = new Calls { IsOld = true };
        await using var cluster = await ClusterAsync(calls);
        await using var frontend = await StartAsync(cluster);
        var cookie = (await frontend.SendAsync("PUT", "/write/q")).Cookie;

        Assert.Equal("q", (await frontend.SendAsync("GET", "/long", cookie)).Body);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(16)]
    [InlineData(256)]
    public async Task Open_of_a_session_that_the_frontend_has_sends_no_data(int kibibytes)
    {
        await using var cluster = await SessionCluster.StartAsync(1, static options => options.Limits = options.Limits with { ValueBytes = 1 << 20, TotalBytes = 1 << 21 });
        var session = await cluster.CreateAsync(null, SessionChange.Set("data", new byte[kibibytes * 1024]));
        var frontend = new TestFrontend(cluster);
        var serializer = cluster.Inner.Client.ServiceProvider.GetRequiredService<Serializer>();

        var full = await frontend.WatchAsync(session, changes: true, data: true);
        var same = await frontend.WatchAsync(session, changes: true, data: true, stamp: full.Stamp);
        await session.SetAsync("more", "x");
        var changed = await frontend.WatchAsync(session, changes: true, data: true, stamp: full.Stamp);
        await cluster.DeactivateAsync(session.Id);
        var elsewhere = await frontend.WatchAsync(session, changes: true, data: true, stamp: changed.Stamp);

        Assert.InRange(serializer.SerializeToArray(full).Length, kibibytes * 1024, (kibibytes * 1024) + 600);
        Assert.Equal(SessionOutcome.Opened, same.Session.Outcome);
        Assert.InRange(serializer.SerializeToArray(same).Length, 1, 160);
        Assert.Equal("x", SessionDriver.Text(changed.Session, "more"));

        // A new activation may have read an older row than the one before had in memory, so nothing it is asked for is "the same".
        Assert.NotNull(elsewhere.Session.Snapshot);
    }

    private static Task UntilReadAsync(WebFrontend frontend, string? cookie, string expected) =>
        SessionCluster.UntilAsync(async () => (await frontend.SendAsync("GET", "/long", cookie)).Body == expected, $"\"{expected}\" is read");

    /// <summary>Counts the silos' calls, and loses some.</summary>
    private sealed class Calls : IIncomingGrainCallFilter, IOutgoingGrainCallFilter
    {
        private int _reads;

        public int Reads => Volatile.Read(ref _reads);

        public bool LosesNotices { get; init; }

        /// <summary>Whether the silos do not know the newer call.</summary>
        public bool IsOld { get; init; }

        public ConcurrentQueue<CommitSession> Touches { get; } = new();

        public Task Invoke(IIncomingGrainCallContext context)
        {
            if (context.InterfaceMethod.DeclaringType == typeof(ISessionGrain))
            {
                if (context.InterfaceMethod.Name is nameof(ISessionGrain.WatchAsync) or nameof(ISessionGrain.OpenAsync))
                {
                    Interlocked.Increment(ref _reads);
                }

                if (IsOld && context.InterfaceMethod.Name == nameof(ISessionGrain.WatchAsync))
                {
                    throw new NotSupportedException("This silo is old.");
                }

                if (context.Request.GetArgumentCount() == 1 && context.Request.GetArgument(0) is CommitSession { AccessedAt: not null } touch)
                {
                    Touches.Enqueue(touch);
                }
            }

            return context.Invoke();
        }

        public Task Invoke(IOutgoingGrainCallContext context) =>
            LosesNotices && context.InterfaceMethod.DeclaringType == typeof(IFrontendObserver) ? throw new TimeoutException("The message is lost.") : context.Invoke();
    }
}
