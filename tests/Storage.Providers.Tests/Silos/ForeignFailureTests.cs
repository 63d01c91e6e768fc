using System.Net;
using ServerSession.Tests.Servers;

namespace ServerSession.Tests.Silos;

/// <summary>
/// What a provider throws stays in the silo: a frontend without the provider's package hears of an unavailable session, with the reason in words, and
/// repeats what heals.
/// </summary>
public sealed class ForeignFailureTests(RealServers servers)
{
    public static TheoryData<string> Shared => Stores.Shared;

    [Theory]
    [MemberData(nameof(Shared))]
    public async Task Conflict_reaches_a_client_as_our_own_exception(string store)
    {
        await using var cluster = await TestCluster.StartAsync(servers, store);
        var created = await cluster.Frontend.UntilItSucceedsAsync("PUT", "/value/first");
        var (grain, token) = await cluster.Frontend.FindAsync(created.Cookie);
        await cluster.Silo.WriteBehindItsBackAsync(grain.GetGrainId());

        var exception = await Assert.ThrowsAsync<SessionUnavailableException>(() => grain.CommitAsync(Commit(token)).AsTask());

        Assert.Null(exception.InnerException);
        Assert.Contains("Another activation wrote the session", exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Shared))]
    public async Task Conflict_is_healed_by_the_frontends_own_repeat(string store)
    {
        await using var cluster = await TestCluster.StartAsync(servers, store);
        var created = await cluster.Frontend.UntilItSucceedsAsync("PUT", "/value/first");
        var (grain, _) = await cluster.Frontend.FindAsync(created.Cookie);
        await cluster.Silo.WriteBehindItsBackAsync(grain.GetGrainId());

        Assert.Equal(HttpStatusCode.NoContent, (await cluster.Frontend.SendAsync("PUT", "/value/second", created.Cookie)).Status);
        Assert.Equal("second", (await cluster.Frontend.SendAsync("GET", "/value", created.Cookie)).Body);
    }

    internal static CommitSession Commit(SessionToken token) => new()
    {
        Verifier = token.Verifier.Hash(),
        Operation = OperationId.New(),
        IssuedAt = TimeProvider.System.GetUtcNow(),
        Changes = [SessionChange.Set("other", "x"u8.ToArray())],
    };
}
