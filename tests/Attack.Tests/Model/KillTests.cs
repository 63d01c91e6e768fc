using ServerSession.Tests.Support;

namespace ServerSession.Tests.Model;

/// <summary>
/// The grain's silo is stopped hard at every call that a life of a session makes to the store: before the call is done, after it, and so
/// that it is done only when the next activation has answered. The client asks again with the same operation ids; every operation arrives once
/// more, long after. What was answered has to be what one session would have answered that lived through it all.
/// </summary>
public class KillTests
{
    private static readonly SessionTerms Stored = new() { IdleTimeout = TimeSpan.FromSeconds(60) };
    private static readonly SessionTerms Volatile = Stored with { Durability = SessionDurability.Volatile };
    private static readonly Step Count = Commit([SessionChange.Increment("n")]);
    private static readonly Step Set = Commit([SessionDriver.Set("a", "1")]);
    private static readonly Step Rotate = Commit([], rotate: true);
    private static readonly Step Look = new Step.Open(Peek: false, Old: false, Step.Open.WhereItIs);
    private static readonly Step Late = new Step.Release();
    private static readonly Step Drop = new Step.Drop();
    private static readonly Step CreateAgain = new Step.CreateAgain();
    private static readonly Step Expire = new Step.Expire();
    private static readonly Step Destroy = new Step.Destroy(Administrator: false, Old: false);
    private static readonly Step RestOfTheCreateWindow = Wait(35);

    private static readonly (string Name, Step[] Steps)[] Lives =
    [
        ("changed, rotated, destroyed", [Count, Late, Set, Late, Rotate, Late, Count, Late, ..Again(4), Destroy, Late, CreateAgain, ..Again(4), Destroy]),
        ("read back", [Count, Late, Drop, Look, Late, Drop, Count, Late, Rotate, Late, Drop, CreateAgain, ..Again(3), Destroy, Late, Drop, ..Again(3), CreateAgain]),
        ("touched", [Wait(20), Look, Late, Count, Late, Wait(20), Commit([]), Late, ..Again(2)]),
        ("destroyed late", [Count, Late, RestOfTheCreateWindow, Look, Late, Destroy, Late, CreateAgain, ..Again(1), Look]),
        ("expired", [Count, Late, Wait(70), Look, Late, CreateAgain, ..Again(1), Expire, Late]),
        ("expired early", [Commit([], terms: Stored with { IdleTimeout = TimeSpan.FromSeconds(5) }), Late, Wait(10), Look, Late, CreateAgain, ..Again(1), RestOfTheCreateWindow, Expire, Late]),
        ("volatile for a while", [Commit([], terms: Volatile), Late, Count, Commit([SessionChange.Increment("n")], terms: Stored), Late, Count, Late, ..Again(4), Destroy, Late, ..Again(4)]),
    ];

    // Defect: a volatile session that was being given its row when its silo died was told to be gone, and came back with the late write.
    [Fact]
    public async Task Session_whose_silo_dies_at_any_step_keeps_the_guarantees()
    {
        await using var cluster = await ModelCluster.StartAsync(TimeSpan.Zero, TimeSpan.FromMinutes(1));
        var silo = cluster.Cluster.Silos[1];
        var kills = new List<Kill>();
        foreach (var (name, steps) in Lives)
        {
            var program = new Program(Stored, [], FirstFault: null, [steps]);
            var calls = await CountCallsAsync(cluster, program, silo.SiloAddress);
            Assert.True(calls > 1);
            kills.AddRange(
                from call in Enumerable.Range(1, calls)
                from point in Enum.GetValues<KillPoint>()
                select new Kill($"{name}, killed at call {call}, {point}", cluster, program, silo.SiloAddress, call, point));
        }

        await Task.WhenAll(kills.Select(static kill => kill.ReachAsync()));
        cluster.Faults.DeadSilo = silo.Name;
        kills.ForEach(static kill => kill.Runner.History.Send(0, new Request.Drop()));
        await cluster.Cluster.KillAsync(silo);
        kills.ForEach(static kill => kill.Runner.Faults.Die());

        await Task.WhenAll(kills.Select(static kill => kill.EndAsync()));
        Assert.All(kills, static kill => kill.Judge());
    }

    private static async Task<int> CountCallsAsync(ModelCluster cluster, Program program, SiloAddress home)
    {
        var runner = new CaseRunner(cluster, program) { Home = home };
        await runner.RunAsync();
        cluster.Judge(runner, program);
        return runner.Faults.Count;
    }

    private static Step.Commit Commit(SessionChange[] changes, bool rotate = false, SessionTerms? terms = null) =>
        new(changes, rotate, terms, Old: false, Touch: true, Twice: false);

    private static Step[] Again(int operations) => [.. Enumerable.Range(0, operations).Select(static Step (which) => new Step.Again(which))];

    private static Step Wait(int seconds) => new Step.Clock(TimeSpan.FromSeconds(seconds));

    /// <summary>A session that comes to the step at which its silo dies.</summary>
    private sealed class Kill(string name, ModelCluster cluster, Program program, SiloAddress home, int call, KillPoint point)
    {
        private Task? _run;

        public CaseRunner Runner { get; } = new(cluster, program) { Home = home, Patience = (180, TimeSpan.FromMilliseconds(500)) };

        public async Task ReachAsync()
        {
            Runner.Faults.KillAt(call, point);
            _run = Runner.RunAsync();
            await Task.WhenAny(Runner.Faults.Reached, _run).WaitAsync(TimeSpan.FromSeconds(90));
            if (_run.IsCompleted)
            {
                await _run;
                Assert.Fail($"{name}: the step was not reached.\n{Runner.StoreCalls}");
            }
        }

        public Task EndAsync() => _run!;

        public void Judge()
        {
            try
            {
                cluster.Judge(Runner, program);
            }
            catch (Exception exception)
            {
                throw new InvalidOperationException($"{name}: {exception.Message}", exception);
            }
        }
    }
}
