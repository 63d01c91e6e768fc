using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using static ServerSession.Tests.SecondRequest;

namespace ServerSession.Tests;

/// <summary>A call that still waits when its request ends, or when its response starts.</summary>
public sealed class PendingCallTests
{
    private readonly SecondRequest _second = new();

    /// <summary>The work that waits belongs to the first request, and goes on while the second has its HttpContext.</summary>
    [Theory]
    [InlineData(Server.Http1, "keys", "GetAsync")]
    [InlineData(Server.Http1, "keys", "IncrementAsync")]
    [InlineData(Server.Http1, "keys", "RotateAsync")]
    [InlineData(Server.Http1, "keys", "DestroyAsync")]
    [InlineData(Server.Http1, "open", "GetAsync")]
    [InlineData(Server.Http1, "open", "RotateAsync")]
    [InlineData(Server.Http1, "commit", "IncrementAsync")]
    [InlineData(Server.Http1, "destroy", "DestroyAsync")]
    [InlineData(Server.Http2, "keys", "GetAsync")]
    [InlineData(Server.Http2, "keys", "IncrementAsync")]
    [InlineData(Server.Http2, "commit", "IncrementAsync")]
    [InlineData(Server.Memory, "keys", "IncrementAsync")]
    public async Task Call_that_waits_while_its_request_ends_touches_nothing_of_the_next(Server server, string waitsFor, string member)
    {
        var gate = New();
        var keys = new GatedKeys(waitsFor == "keys" ? gate.Task : Task.CompletedTask);
        await using var app = await TestApp.StartAsync(new TestSetup
        {
            Server = server,
            Services = services => services.AddSingleton<ISigningKeySource>(keys),
            Inside = _second.Map,
        });
        using var client = OneConnection(app);
        var first = SessionToken.New();
        var second = SessionToken.New();
        await SeedAsync(app, first, "first");
        await SeedAsync(app, second, "second");
        app.Store.Before = operation => operation == waitsFor ? gate.Task : Task.CompletedTask;
        Task<object?>? pending = null;
        _second.ExpectEnd();
        _second.Work = context =>
        {
            pending = context.GetServerSession() is var session && member == "GetAsync"
                ? ReadLaterAsync(session)
                : CallLaterAsync(SessionMembers.OfServerSession[member](session));
            return Task.CompletedTask;
        };
        await GetAsync(client, "/second", keys.Encode(first));
        await _second.Ended.WithinLimit("the first request is over");
        Assert.False(pending!.IsCompleted);
        object? result = null;
        _second.Work = async _ =>
        {
            app.Store.Before = static _ => Task.CompletedTask;
            gate.SetResult();
            result = await pending.WithinLimit("the call of the first request ends");
        };

        var answer = await GetAsync(client, "/second", keys.Encode(second));

        Assert.Empty(answer.SetCookies());
        Assert.Null(answer.Headers.CacheControl);
        Assert.Equal(member == "GetAsync" ? "first" : waitsFor is "commit" or "destroy" ? null : typeof(ObjectDisposedException), result);
        Assert.Equal("second", await ReadAsync(client, keys.Encode(second)));
        Assert.Equal(waitsFor == "destroy" ? "none" : "first", await ReadAsync(client, keys.Encode(first)));

        static async Task<object?> ReadLaterAsync(IServerSession session) => await session.GetAsync<string>("a");
        static async Task<object?> CallLaterAsync(Task call) => (await Record.ExceptionAsync(() => call))?.GetType();
    }

    [Fact]
    public async Task Rotate_that_still_waits_when_the_response_starts_replaces_no_token_that_nobody_could_get()
    {
        await using var app = await _second.StartAsync(Server.Http1);
        var token = await app.NewSessionAsync();
        var gate = New();
        app.Store.Before = operation => operation == "open" ? gate.Task : Task.CompletedTask;
        Exception? thrown = null;
        _second.Work = async context =>
        {
            var rotate = context.GetServerSession().RotateAsync().AsTask();
            await context.Response.WriteAsync("started ");
            gate.SetResult();
            thrown = await Record.ExceptionAsync(() => rotate);
        };

        Assert.Equal("started second", await app.GetTextAsync("/second", token));

        Assert.IsType<InvalidOperationException>(thrown);
        Assert.Equal("one", await app.GetTextAsync("/read", token));
    }

    private static async Task SeedAsync(TestApp app, SessionToken token, string value)
    {
        var request = new CreateSession
        {
            Verifier = token.Verifier.Hash(),
            Terms = SessionTerms.Default,
            IssuedAt = app.Time.GetUtcNow(),
            Changes = [SessionChange.Set("a", System.Text.Encoding.UTF8.GetBytes($"\"{value}\""))],
        };
        await app.Store.CreateAsync(token.Id, request, CancellationToken.None);
    }

    /// <summary>A ring that can be read when the test says so.</summary>
    private sealed class GatedKeys(Task gate) : ISigningKeySource
    {
        private readonly TokenSigningKey _key = new(System.Security.Cryptography.RandomNumberGenerator.GetBytes(32), DateTimeOffset.MinValue, DateTimeOffset.MaxValue);

        public bool Changes => false;

        public string Encode(SessionToken token) => token.Encode(_key);

        public async ValueTask<TokenSigningKeyRing> GetAsync()
        {
            await gate;
            return new TokenSigningKeyRing([_key]);
        }
    }
}
