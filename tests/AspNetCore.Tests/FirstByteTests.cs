using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace ServerSession.Tests;

/// <summary>
/// Read your writes on the web side, over every kind of response and server: nothing of a response leaves before its commit, and a commit that failed
/// never looks like success.
/// </summary>
public sealed class FirstByteTests(KindApps apps) : IClassFixture<KindApps>
{
    /// <summary>All that may stand in the answer that replaces the application's. Expires and Pragma are the framework's exception handler's, X-Frame-Options is antiforgery's: headers of security stay.</summary>
    private static readonly string[] AllowedInRefusal =
        ["Cache-Control", "Connection", "Content-Encoding", "Content-Length", "Content-Type", "Date", "Expires", "Pragma", "Retry-After", "Server", "Transfer-Encoding", "Vary", "X-Frame-Options"];

    public static TheoryData<Server, string> Kinds => ResponseKinds.Cases();

    public static TheoryData<Server, string> WithHeaders => ResponseKinds.Cases(static (_, kind) => kind.Name != "plain/socket");

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Response_while_the_commit_is_held_leaves_after_it(Server server, string name)
    {
        var kind = ResponseKinds.All[name];
        var kinds = await apps.GetAsync(server, kind);
        var app = kinds.App;
        var token = await app.NewSessionAsync();
        using var gate = new CommitGate(app.Store);

        var attack = Attack.Begin(kinds, kind, token, Stop);
        await EnteredAsync(gate, attack);

        Assert.False(attack.HasResponse, "A part of the response left before the commit.");
        Assert.Equal("untouched", await app.GetTextAsync("/untouched"));
        Assert.False(attack.HasResponse, "A part of the response left while the commit was held, a whole other request long.");

        gate.Release();
        AssertWhole(kind, await attack.Answer.WithinLimit("the answer after the commit"));
        Assert.Equal(kind.Commits, app.Store.TakeCalls().Count(static call => call == "commit"));
        await AssertKeptAsync(app, kind, token);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Response_when_the_commit_fails_is_503_with_nothing_of_the_application(Server server, string name)
    {
        var kind = ResponseKinds.All[name];
        var kinds = await apps.GetAsync(server, kind);
        var app = kinds.App;
        var token = await app.NewSessionAsync();
        using var gate = new CommitGate(app.Store);
        gate.Fail();

        var attack = Attack.Begin(kinds, kind, token, Stop);
        var answer = await attack.Answer.WithinLimit("the refusal");

        AssertRefused(kind, answer);
        Assert.DoesNotContain("application ", attack.Wire, StringComparison.Ordinal);
        Assert.DoesNotContain("X-App", attack.Wire, StringComparison.OrdinalIgnoreCase);
        gate.Dispose();
        Assert.Equal("zero", await app.GetTextAsync("/read", token));
    }

    [Theory]
    [MemberData(nameof(WithHeaders))]
    public async Task Response_of_an_anonymous_create_carries_the_cookie(Server server, string name)
    {
        var kind = ResponseKinds.All[name];
        var kinds = await apps.GetAsync(server, kind);
        kinds.App.Store.Calls.Clear();

        var answer = await Attack.Begin(kinds, kind, token: null, Stop).Answer.WithinLimit("the answer");

        AssertWhole(kind, answer);
        Assert.Single(kinds.App.Store.TakeCalls(), "create");
        Assert.NotNull(answer.Token);
        await AssertKeptAsync(kinds.App, kind, answer.Token);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Response_to_a_client_that_left_while_the_commit_was_held_is_committed_once(Server server, string name)
    {
        var kind = ResponseKinds.All[name];
        var kinds = await apps.GetAsync(server, kind);
        var app = kinds.App;
        var token = await app.NewSessionAsync();
        using var gate = new CommitGate(app.Store);

        await GoneWhileHeldAsync(kinds, kind, token, gate, gate.Release);

        Assert.Equal(kind.Commits, app.Store.TakeCalls().Count(static call => call == "commit"));
        await AssertKeptAsync(app, kind, token);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Response_to_a_client_that_left_while_the_commit_failed_changes_nothing(Server server, string name)
    {
        var kind = ResponseKinds.All[name];
        var kinds = await apps.GetAsync(server, kind);
        var app = kinds.App;
        var token = await app.NewSessionAsync();
        using var gate = new CommitGate(app.Store);

        await GoneWhileHeldAsync(kinds, kind, token, gate, gate.Fail);

        gate.Dispose();
        Assert.Equal("zero", await app.GetTextAsync("/read", token));
    }

    private static async Task GoneWhileHeldAsync(KindApp kinds, ResponseKind kind, string token, CommitGate gate, Action end)
    {
        using var leaving = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        var attack = Attack.Begin(kinds, kind, token, leaving.Token);
        await EnteredAsync(gate, attack);

        await leaving.CancelAsync();
        await attack.Aborted.WithinLimit("the server notices that the client is gone");
        end();
        await attack.Finished.WithinLimit("the pipeline comes back");
        await ((Task)attack.Answer).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private static async Task EnteredAsync(CommitGate gate, Attack attack)
    {
        if (await Task.WhenAny(gate.Entered, attack.Answer).WithinLimit("the commit begins") == attack.Answer)
        {
            Assert.Fail($"The answer was there before its commit began: {await attack.Answer}");
        }
    }

    private static void AssertWhole(ResponseKind kind, Answer answer)
    {
        Assert.Equal(kind.Status, answer.Status);
        Assert.Equal(!kind.BreaksOff, answer.IsWhole);
        if (kind.HasText && answer.IsWhole)
        {
            Assert.Contains(ResponseBodies.Text, answer.Text, StringComparison.Ordinal);
        }

        if (answer.Headers is { } headers)
        {
            Assert.Equal("application header", headers["X-App"].Single());
            Assert.Contains("app=1", answer.SetCookies);
        }
    }

    private static void AssertRefused(ResponseKind kind, Answer answer)
    {
        Assert.Empty(answer.SetCookies);
        Assert.Empty((answer.Headers?.Keys ?? []).Except(AllowedInRefusal, StringComparer.OrdinalIgnoreCase));
        Assert.DoesNotContain("application ", answer.Text, StringComparison.Ordinal);
        if (kind.GoesRound)
        {
            Assert.True(answer.Status is 0 or >= 500, $"status {answer.Status}");
            return;
        }

        Assert.Equal(StatusCodes.Status503ServiceUnavailable, answer.Status);
        Assert.True(answer.IsWhole);
        if (answer.Headers is not { } headers)
        {
            return;
        }

        Assert.Equal("2", headers["Retry-After"].Single());
        if (kind.Method == HttpMethod.Head)
        {
            Assert.Equal("", answer.Text);
            Assert.True(int.Parse(headers["Content-Length"].Single(), System.Globalization.CultureInfo.InvariantCulture) > 0);
        }
        else if (kind.Exchange == Exchange.Request)
        {
            Assert.Equal("application/problem+json", headers["Content-Type"].Single());
            Assert.Equal(503, JsonSerializer.Deserialize<JsonElement>(answer.Text).GetProperty("status").GetInt32());
        }
    }

    private static async Task AssertKeptAsync(TestApp app, ResponseKind kind, string token)
    {
        if (kind.Name.Contains("tempdata", StringComparison.Ordinal))
        {
            Assert.Equal("one", await app.GetTextAsync("/adapter/tempdata-read", token));
        }
        else
        {
            Assert.Equal("one", await app.GetTextAsync("/read", token));
        }
    }
}
