using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace ServerSession.Tests;

/// <summary>Sign-in and sign-out in a request, and the list of a user's sessions beside it.</summary>
public sealed class BindTests
{
    private static Task<TestApp> StartAsync(Action<ServerSessionOptions>? options = null) => TestApp.StartAsync(new TestSetup
    {
        Options = options ?? (static _ => { }),
        Inside = static app =>
        {
            app.MapGet("/set", static (IServerSession session) => session.Set("cart", "one"));
            app.MapGet("/get", static async (IServerSession session) => $"{await session.GetAsync<string>("cart")} {session.IsBound}");
            app.MapGet("/in/{user}", static async (IServerSession session, string user) =>
            {
                session.Set("user", user);
                await session.BindToAsync(user, "a browser");
                return session.IsBound;
            });
            app.MapGet("/in-caught/{user}", static async (IServerSession session, string user) =>
            {
                session.Set("cart", "two");
                try
                {
                    await session.BindToAsync(user);
                    return "bound";
                }
                catch (SessionSubjectLimitException)
                {
                    return "refused";
                }
            });
            app.MapGet("/out", static (IServerSession session) => session.UnbindAsync());
            app.MapGet("/list/{user}", static async (IServerSession session, IServerSessionSubjects subjects, string user) =>
            {
                await session.ExistsAsync();
                return (await subjects.ListAsync(user, session.Id)).Sessions;
            });
            app.MapGet("/others/{user}", static async (IServerSession session, IServerSessionSubjects subjects, string user) =>
                await session.ExistsAsync() ? await subjects.EndOthersAsync(user, session.Id!.Value) : -1);
        },
    });

    private static async Task<string> TokenAsync(TestApp app, string path, string? token = null) =>
        (await app.SendAsync(path, token)).Token() ?? throw new InvalidOperationException($"{path} handed out no token.");

    [Fact]
    public async Task Bind_replaces_the_token_in_one_commit_with_what_is_buffered()
    {
        await using var app = await StartAsync();
        var anonymous = await TokenAsync(app, "/set");
        app.Store.TakeCalls();

        // A name that no hexadecimal text contains by chance.
        var signedIn = await TokenAsync(app, "/in/zoe", anonymous);

        Assert.Equal(["open", "commit"], app.Store.TakeCalls());
        Assert.NotEqual(anonymous, signedIn);
        Assert.Equal("one True", await app.GetTextAsync("/get", signedIn));
        Assert.Equal(" ", await app.GetTextAsync("/get", anonymous));
        var change = app.Store.Commits.Last();
        Assert.NotNull(change.NewVerifier);
        Assert.DoesNotContain("zoe", change.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Bind_without_a_session_creates_it_bound()
    {
        await using var app = await StartAsync();

        var token = await TokenAsync(app, "/in/ada");

        Assert.Equal(["create"], app.Store.TakeCalls());
        Assert.Equal(" True", await app.GetTextAsync("/get", token));
    }

    [Fact]
    public async Task List_shows_the_users_sessions_and_marks_the_callers_own()
    {
        await using var app = await StartAsync();
        var (first, second) = (await TokenAsync(app, "/in/ada"), await TokenAsync(app, "/in/ada"));
        await TokenAsync(app, "/in/bob");

        var list = await app.GetTextAsync("/list/ada", first);

        Assert.Equal(2, list.Split("\"label\":\"a browser\"").Length - 1);
        Assert.EndsWith("\"isCurrent\":true}]", list, StringComparison.Ordinal);
        Assert.Contains("\"isCurrent\":false", list, StringComparison.Ordinal);
        Assert.Equal("1", await app.GetTextAsync("/others/ada", first));
        Assert.Equal(" ", await app.GetTextAsync("/get", second));
        Assert.Equal(" True", await app.GetTextAsync("/get", first));
    }

    [Fact]
    public async Task Unbind_keeps_the_session_without_its_user_under_a_new_token()
    {
        await using var app = await StartAsync();
        var token = await TokenAsync(app, "/in/ada", await TokenAsync(app, "/set"));

        var after = await TokenAsync(app, "/out", token);

        Assert.NotEqual(token, after);
        Assert.Equal("one False", await app.GetTextAsync("/get", after));
        Assert.Equal("[]", await app.GetTextAsync("/list/ada", after));
    }

    [Fact]
    public async Task Bind_over_the_maximum_is_409_and_changes_nothing()
    {
        await using var app = await StartAsync(static options => options.Subjects.MaximumSessions = 1);
        var first = await TokenAsync(app, "/in/ada");
        var second = await TokenAsync(app, "/set");

        using var refused = await app.SendAsync("/in/ada", second);

        Assert.Equal(HttpStatusCode.Conflict, refused.StatusCode);
        Assert.Contains("Too many sessions", await refused.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
        Assert.Equal("one False", await app.GetTextAsync("/get", second));
        Assert.Equal(" True", await app.GetTextAsync("/get", first));

        // An application that handles it keeps the request's other changes.
        Assert.Equal("refused", await app.GetTextAsync("/in-caught/ada", second));
        Assert.Equal("two False", await app.GetTextAsync("/get", second));
    }

    [Fact]
    public async Task Bind_over_the_maximum_ends_the_oldest_where_the_options_say_so()
    {
        await using var app = await StartAsync(static options =>
        {
            options.Subjects.MaximumSessions = 2;
            options.Subjects.WhenFull = SubjectLimitPolicy.EndOldest;
        });
        var (first, second, third) = (await TokenAsync(app, "/in/ada"), await TokenAsync(app, "/in/ada"), await TokenAsync(app, "/in/ada"));

        Assert.Equal(" ", await app.GetTextAsync("/get", first));
        Assert.Equal(" True", await app.GetTextAsync("/get", second));
        Assert.Equal(" True", await app.GetTextAsync("/get", third));
    }

    [Fact]
    public async Task User_id_that_cannot_be_told_from_others_is_refused()
    {
        await using var app = await StartAsync();
        var subjects = app.Services.GetRequiredService<IServerSessionSubjects>();

        await Assert.ThrowsAsync<ArgumentException>(async () => await subjects.EndAllAsync(""));
        await Assert.ThrowsAsync<ArgumentException>(async () => await subjects.EndAllAsync(new string((char)0xD83D, 1)));
        await Assert.ThrowsAsync<ArgumentException>(async () => await subjects.EndAllAsync(new string('a', 1025)));
    }

    [Fact]
    public async Task Subjects_of_a_store_without_lists_are_refused_with_its_name()
    {
        var services = new ServiceCollection();
        services.AddLogging().AddServerSession(static options => options.SigningKeys.Add(TestApp.SigningKey)).UseStore<ListlessStore>();
        await using var provider = services.BuildServiceProvider();

        var refusal = await Assert.ThrowsAsync<NotSupportedException>(async () => await provider.GetRequiredService<IServerSessionSubjects>().ListAsync("ada"));

        Assert.Contains(nameof(ListlessStore), refusal.Message, StringComparison.Ordinal);
    }

    private sealed class ListlessStore : IServerSessionStore
    {
        public ValueTask<SessionReply> OpenAsync(SessionId id, VerifierHash verifier, OpenMode mode, CancellationToken cancellationToken) => throw new NotImplementedException();

        public ValueTask<SessionReply> CreateAsync(SessionId id, CreateSession request, CancellationToken cancellationToken) => throw new NotImplementedException();

        public ValueTask<SessionReply> CommitAsync(SessionId id, CommitSession request, CancellationToken cancellationToken) => throw new NotImplementedException();

        public ValueTask<SessionReply> DestroyAsync(SessionId id, DestroySession request, CancellationToken cancellationToken) => throw new NotImplementedException();
    }
}
