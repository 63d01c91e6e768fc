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

        var exception = await RefusalAsync("Another activation wrote the session", async () =>
        {
            await cluster.Silo.WriteBehindItsBackAsync(grain.GetGrainId());
            await grain.CommitAsync(Commit(token));
        });

        Assert.Null(exception.InnerException);
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

    /// <summary>
    /// Calls until it is refused for a reason: a silo on a busy machine may refuse for a moment because it does not know whether it is still a member, or answer too
    /// late. A call that succeeds fails the test, unless the one before was late: the activation may have met the reason there, and read its row again.
    /// </summary>
    internal static async Task<SessionUnavailableException> RefusalAsync(string reason, Func<Task> call)
    {
        Exception? failure = null;
        var (wasLate, isExcused, stalls) = (false, false, Stalls.Total);
        await Eventually.HoldsAsync(
            async () =>
            {
                failure = await Record.ExceptionAsync(call);
                if (failure is null && wasLate && !isExcused && await Stalls.ExcuseAsync($"a call was not refused with '{reason}' after one that was late", stalls))
                {
                    isExcused = true;
                    return false;
                }

                wasLate = failure is TimeoutException;
                Assert.True(failure is SessionUnavailableException or TimeoutException, $"The call was not refused with '{reason}': {failure?.ToString() ?? "it succeeded"}");
                return failure is SessionUnavailableException && failure.Message.Contains(reason, StringComparison.Ordinal);
            },
            () => $"the call was refused with '{reason}', but {failure}");
        return (SessionUnavailableException)failure!;
    }

    internal static CommitSession Commit(SessionToken token) => new()
    {
        Verifier = token.Verifier.Hash(),
        Operation = OperationId.New(),
        IssuedAt = TimeProvider.System.GetUtcNow(),
        Changes = [SessionChange.Set("other", "x"u8.ToArray())],
    };
}
