using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using ServerSession.Tests.Storage;
using ServerSession.Tests.Support;

namespace ServerSession.Tests.Subjects;

/// <summary>Ten thousand sessions of one user: what is done to one of them, to a page and to all costs what it costs with few. Calls and storage calls are counted.</summary>
public class ManySessionsTests
{
    private const int Sessions = 10_000;

    [Fact]
    public async Task List_of_ten_thousand_sessions_stays_cheap_to_bind_to_to_read_to_fill_and_to_end()
    {
        var calls = new CountedCalls();
        await using var cluster = await SessionCluster.StartAsync(1, null, silo => silo.Services.AddSingleton<IIncomingGrainCallFilter>(calls));
        var user = new SubjectDriver(cluster);
        var change = user.Change("a device of some name");
        var sessions = new ConcurrentBag<SessionDriver>();
        await Parallel.ForEachAsync(Enumerable.Range(1, Sessions - 1), new ParallelOptions { MaxDegreeOfParallelism = 32 }, async (_, _) =>
        {
            var session = cluster.NewSession();
            Assert.Equal(SessionOutcome.Created, (await session.Grain.CreateAsync(session.CreateRequest() with { Subject = change })).Outcome);
            sessions.Add(session);
        });

        // Two calls and two rows for a sign-in, as with one session. A row has some hundred entries.
        var last = cluster.NewSession();
        var cost = await CostAsync(cluster, calls, () => last.Grain.CreateAsync(last.CreateRequest() with { Subject = change }).AsTask());
        Assert.Equal("AddAsync 1, CreateAsync 1", cost.Calls);
        Assert.InRange(cost.Storage.Writes, 2, 4);
        Assert.All(cluster.Store.RowsOf("subject").Values.Concat(cluster.Store.RowsOf("subject-segment").Values), static row => Assert.InRange(row.Length, 1, 16 * 1024));

        // A page: a look at each of its sessions, nothing of the others.
        cost = await CostAsync(cluster, calls, () => user.Grain.ListAsync(null, 50).AsTask());
        Assert.Equal("ListAsync 1, LookAsync 50", cost.Calls);
        Assert.Equal(new StorageCounts(0, 0, 0), cost.Storage);

        // All pages: every session once.
        SubjectSession[] listed = [];
        cost = await CostAsync(cluster, calls, async () => listed = await user.ListAsync(pageSize: 200));
        Assert.Equal($"ListAsync {Sessions / 200}, LookAsync {Sessions}", cost.Calls);
        Assert.Equal(Sessions, listed.Select(static session => session.Id).Distinct().Count());
        Assert.Equal(last.Id, listed[0].Id);

        // A full list of sessions that live: a sign-in asks some of them, the next one goes on behind those.
        var refused = await cluster.CreateAsync();
        cost = await CostAsync(cluster, calls, async () => Assert.Equal(SessionOutcome.TooLarge, (await refused.BindAsync(user.Change(maximum: Sessions))).Outcome));
        Assert.Equal("AddAsync 1, CommitAsync 1, LookAsync 256", cost.Calls);
        Assert.Equal(new StorageCounts(0, 1, 0), cost.Storage);

        // The oldest one makes place.
        cost = await CostAsync(cluster, calls, async () =>
            Assert.Equal(SessionOutcome.Committed, (await refused.BindAsync(user.Change(null, Sessions, SubjectLimitPolicy.EndOldest))).Outcome));
        Assert.Equal("AddAsync 1, CommitAsync 1, EndBoundAsync 1, LookAsync 256", cost.Calls);
        Assert.Equal(SessionOutcome.Gone, (await sessions.Single(session => session.Id == listed[^1].Id).OpenAsync()).Outcome);

        // One session that comes into memory: its segment is in memory already.
        await cluster.DeactivateAsync(listed[5000].Id);
        var one = sessions.Single(session => session.Id == listed[5000].Id);
        cost = await CostAsync(cluster, calls, async () => Assert.Equal(SessionOutcome.Opened, (await one.OpenAsync()).Outcome));
        Assert.Equal("HasAsync 1, OpenAsync 1", cost.Calls);
        Assert.Equal(new StorageCounts(1, 0, 0), cost.Storage);

        // Past the time in which a delayed create could be accepted, after which a session leaves no mark.
        cluster.Clock.Advance(TimeSpan.FromMinutes(2));
        cost = await CostAsync(cluster, calls, async () => Assert.Equal(Sessions, await user.EndAllAsync()));
        Assert.Equal(Sessions, calls.Of("EndBoundAsync"));

        // The epoch, and a row or two for each 32 sessions; each session's own row goes.
        Assert.InRange(cost.Storage.Writes, 1, 1 + (2 * Sessions / 32));
        Assert.InRange(cost.Storage.Clears, Sessions, Sessions + (Sessions / 32));
        Assert.Equal(0, user.Rows);
        Assert.Empty(await user.IdsAsync());
    }

    private static async Task<(string Calls, StorageCounts Storage)> CostAsync(SessionCluster cluster, CountedCalls calls, Func<Task> act)
    {
        calls.Clear();
        var before = cluster.StorageCalls;
        await act();
        var after = cluster.StorageCalls;
        return (calls.ToString(), new StorageCounts(after.Reads - before.Reads, after.Writes - before.Writes, after.Clears - before.Clears));
    }

    /// <summary>How often each method of the product's grains was called.</summary>
    private sealed class CountedCalls : IIncomingGrainCallFilter
    {
        private readonly ConcurrentDictionary<string, int> _counts = new();

        public Task Invoke(IIncomingGrainCallContext context)
        {
            if (context.InterfaceMethod.DeclaringType?.Namespace == nameof(ServerSession) && context.InterfaceMethod.DeclaringType != typeof(IEpochService))
            {
                _counts.AddOrUpdate(context.InterfaceMethod.Name, 1, static (_, count) => count + 1);
            }

            return context.Invoke();
        }

        public int Of(string method) => _counts.GetValueOrDefault(method);

        public void Clear() => _counts.Clear();

        public override string ToString() => string.Join(", ", _counts.OrderBy(static count => count.Key, StringComparer.Ordinal).Select(static count => $"{count.Key} {count.Value}"));
    }
}
