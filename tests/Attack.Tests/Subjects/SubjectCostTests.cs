using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using ServerSession.Tests.Storage;
using ServerSession.Tests.Support;

namespace ServerSession.Tests.Subjects;

/// <summary>What users and their lists cost, in grain calls and storage calls: counted, so that the documented figures stay true.</summary>
public class SubjectCostTests
{
    [Fact]
    public async Task Sign_in_costs_a_call_and_a_write_and_an_ordinary_request_costs_nothing_extra()
    {
        var calls = new Calls();
        await using var cluster = await SessionCluster.StartAsync(1, null, silo => silo.Services.AddSingleton<IIncomingGrainCallFilter>(calls));
        var user = new SubjectDriver(cluster);
        var (first, second) = (await cluster.CreateAsync(), await cluster.CreateAsync());
        await new SubjectDriver(cluster).SignInAsync();

        // The first session of a user: its list is registered for the clean-up. Two rows for the list, one for the session.
        var cost = await Cost.OfAsync(cluster, calls, () => first.BindAsync(user.Change()));
        Assert.Equal(["AddAsync", "CommitAsync", "RegisterAsync"], cost.Calls);
        Assert.Equal(3, cost.Storage.Writes);

        // Every other.
        cost = await Cost.OfAsync(cluster, calls, () => second.BindAsync(user.Change()));
        Assert.Equal(["AddAsync", "CommitAsync"], cost.Calls);
        Assert.Equal(new StorageCounts(0, 2, 0), cost.Storage);

        cost = await Cost.OfAsync(cluster, calls, () => first.OpenAsync());
        Assert.Equal(["OpenAsync"], cost.Calls);
        Assert.Equal(new StorageCounts(0, 0, 0), cost.Storage);

        cost = await Cost.OfAsync(cluster, calls, () => first.SetAsync("a", "b"));
        Assert.Equal(["CommitAsync"], cost.Calls);
        Assert.Equal(new StorageCounts(0, 1, 0), cost.Storage);

        // Once in an activation.
        await cluster.DeactivateAsync(first.Id);
        cost = await Cost.OfAsync(cluster, calls, () => first.OpenAsync());
        Assert.Equal(["HasAsync", "OpenAsync"], cost.Calls);
        Assert.Equal(new StorageCounts(1, 0, 0), cost.Storage);
        Assert.Equal(["OpenAsync"], (await Cost.OfAsync(cluster, calls, () => first.OpenAsync())).Calls);
    }

    [Fact]
    public async Task End_all_costs_a_write_for_the_list_and_one_call_and_one_write_for_each_session()
    {
        const int Sessions = 40;
        var calls = new Calls();
        await using var cluster = await SessionCluster.StartAsync(1, null, silo => silo.Services.AddSingleton<IIncomingGrainCallFilter>(calls));
        var user = new SubjectDriver(cluster);
        for (var number = 0; number < Sessions; number++)
        {
            await user.SignInAsync();
        }

        // Past the time in which a delayed create could be accepted, after which a session leaves no mark.
        cluster.Clock.Advance(TimeSpan.FromMinutes(2));
        var cost = await Cost.OfAsync(cluster, calls, () => user.EndAllAsync());

        Assert.Equal(Sessions, cost.Calls.Count(static call => call == "EndBoundAsync"));
        Assert.Equal(["EndAsync"], cost.Calls.Where(static call => call != "EndBoundAsync").Distinct());

        // The epoch, and the list after the first batch of 32; the second empties it.
        Assert.Equal(new StorageCounts(0, 2, Sessions + 1), cost.Storage);
    }

    private sealed record Cost(string[] Calls, StorageCounts Storage)
    {
        public static async Task<Cost> OfAsync(SessionCluster cluster, Calls calls, Func<Task> act)
        {
            calls.Names.Clear();
            var before = cluster.StorageCalls;
            await act();
            var after = cluster.StorageCalls;
            return new([.. calls.Names.Order(StringComparer.Ordinal)], new StorageCounts(after.Reads - before.Reads, after.Writes - before.Writes, after.Clears - before.Clears));
        }
    }

    /// <summary>The calls to the grains of sessions.</summary>
    private sealed class Calls : IIncomingGrainCallFilter
    {
        public ConcurrentQueue<string> Names { get; } = new();

        public Task Invoke(IIncomingGrainCallContext context)
        {
            if (context.InterfaceMethod.DeclaringType?.Namespace == nameof(ServerSession) && context.InterfaceMethod.DeclaringType != typeof(IEpochService))
            {
                Names.Enqueue(context.InterfaceMethod.Name);
            }

            return context.Invoke();
        }
    }
}
