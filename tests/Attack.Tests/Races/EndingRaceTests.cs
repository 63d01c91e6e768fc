using ServerSession.Tests.Model;
using ServerSession.Tests.Storage;
using ServerSession.Tests.Support;
using Request = ServerSession.Tests.Model.Request;

namespace ServerSession.Tests.Races;

/// <summary>
/// Destroy, rotation and expiry against a commit, both orders: the first stands in the store when the second arrives at the grain, and what
/// the store makes of it differs. Everything arrives once more afterwards, and the answers have to be those of a session that does one thing
/// at a time.
/// </summary>
public class EndingRaceTests
{
    private static readonly SessionTerms Stored = new() { IdleTimeout = TimeSpan.FromSeconds(10) };
    private static readonly SessionTerms WriteBehind = Stored with { Durability = SessionDurability.WriteBehind, WriteBehindInterval = TimeSpan.FromHours(1) };
    private static readonly SessionTerms Volatile = Stored with { Durability = SessionDurability.Volatile };

    private static readonly Step Count = Commit([SessionChange.Increment("n")]);
    private static readonly Step Change = Commit([SessionDriver.Set("a", "2"), SessionChange.Increment("n")]);
    private static readonly Step Rotate = Commit([], rotate: true);
    private static readonly Step Destroy = new Step.Destroy(Administrator: false, Old: false);
    private static readonly Step Look = new Step.Open(Peek: true, Old: false, Step.Open.WhereItIs);
    private static readonly Step LookOld = new Step.Open(Peek: true, Old: true, Step.Open.WhereItIs);
    private static readonly Step Touch = new Step.Open(Peek: false, Old: false, Step.Open.WhereItIs);
    private static readonly Step[] ForgetTheCreate = [.. Enumerable.Repeat(new[] { Wait(9), Touch }, 4).SelectMany(static steps => steps)];

    private static readonly Act[] Commits =
    [
        new("a commit", Stored, [Wait(5)], StorageOperationKind.Write, [Change]),
        new("a write-behind commit", WriteBehind, [Count, Wait(5)], StorageOperationKind.Write, [Change]),
        new("becoming volatile", Stored, [Count, Wait(5)], StorageOperationKind.Clear, [Commit([SessionChange.Increment("n")], terms: Volatile)]),
        new("becoming stored", Volatile, [Count, Wait(5)], StorageOperationKind.Write, [Commit([SessionChange.Increment("n")], terms: Stored)]),
    ];

    private static readonly (string Name, Step[] Steps)[] EndingsMeanwhile =
    [
        ("destroy", [Destroy]),
        ("destroy by an administrator", [new Step.Destroy(Administrator: true, Old: false)]),
        ("rotate", [Rotate]),
        ("the deadline that the commit would move", [Wait(7), new Step.Expire()]),
        ("the deadline of both", [Wait(12), new Step.Expire()]),
    ];

    private static readonly Act[] Endings =
    [
        new("destroy", Stored, [Wait(5), Touch], StorageOperationKind.Write, [Destroy]),
        new("destroy without a tombstone", Stored, ForgetTheCreate, StorageOperationKind.Clear, [Destroy]),
        new("destroy of unstored changes", WriteBehind, [Wait(5), Touch, Count], StorageOperationKind.Write, [Destroy]),
        new("rotate", Stored, [Wait(5), Touch], StorageOperationKind.Write, [Rotate]),
        new("rotate with unstored changes", WriteBehind, [Wait(5), Touch, Count], StorageOperationKind.Write, [Rotate]),
        new("expiry", Stored, [Touch, Wait(12)], StorageOperationKind.Write, [new Step.Expire()]),
        new("expiry without a tombstone", Stored, [.. ForgetTheCreate, Wait(12)], StorageOperationKind.Clear, [new Step.Expire()]),
        new("expiry of unstored changes", WriteBehind, [Count, Wait(12)], StorageOperationKind.Write, [new Step.Expire()]),
    ];

    private static readonly Course[] Courses =
    [
        new("is done", FaultKind.ArrivesLate, InTime: true),
        new("fails", FaultKind.Hangs, InTime: true),
        new("is done and then answered", FaultKind.AnswersLate, InTime: true),
        new("is done and its reply is lost", FaultKind.LosesReply, InTime: false),
        new("is done too late", FaultKind.ArrivesLate, InTime: false),
        new("is answered too late", FaultKind.AnswersLate, InTime: false),
    ];

    [Fact]
    public Task Commit_in_the_store_when_the_end_arrives_keeps_the_guarantees() => RaceAsync(
        from commit in Commits
        from ending in EndingsMeanwhile
        from course in Courses
        select new Race($"{commit.Name}, meanwhile {ending.Name}; the first {course.Name}", commit, ending.Steps, course));

    [Fact]
    public Task End_in_the_store_when_a_commit_arrives_keeps_the_guarantees() => RaceAsync(
        from ending in Endings
        from course in Courses
        select new Race($"{ending.Name}, meanwhile a commit; the first {course.Name}", ending, [Change], course));

    private static async Task RaceAsync(IEnumerable<Race> races)
    {
        await using var cluster = await ModelCluster.StartAsync(TimeSpan.Zero, TimeSpan.FromSeconds(1));
        await Task.WhenAll(races.Select(race => race.RunAsync(cluster)));
    }

    private static Step.Commit Commit(SessionChange[] changes, bool rotate = false, SessionTerms? terms = null) =>
        new(changes, rotate, terms, Old: false, Touch: true, Twice: false);

    private static Step Wait(int seconds) => new Step.Clock(TimeSpan.FromSeconds(seconds));

    /// <summary>What stands in the store when the other one arrives.</summary>
    private sealed record Act(string Name, SessionTerms Terms, Step[] Before, StorageOperationKind Call, Step[] Steps);

    /// <summary>What the store makes of it, and whether the grain hears of that before its time is over.</summary>
    private sealed record Course(string Name, FaultKind Fault, bool InTime);

    private sealed record Race(string Name, Act First, Step[] Second, Course Course)
    {
        // The clock lets the inserts go.
        private static readonly Step[] Release = [new Step.Release(), new Step.Clock(TimeSpan.FromMilliseconds(1))];
        private static readonly Step[] OnceMore = [new Step.Again(0), new Step.Again(1), new Step.CreateAgain(), Look, LookOld];

        public async Task RunAsync(ModelCluster cluster)
        {
            var program = new Program(
                First.Terms,
                [SessionDriver.Set("a", "1")],
                FirstFault: null,
                [
                    [.. First.Before, new Step.Fault(Course.Fault, First.Call, 1), .. First.Steps, Look, LookOld, .. OnceMore],
                    [new Step.Meet(), .. Second, Look, LookOld, .. Course.InTime ? [] : Release, .. OnceMore],
                    [new Step.Meet(), new Step.Behind(2), .. Course.InTime ? Release : []],
                ]);
            var runner = new CaseRunner(cluster, program) { Patience = (40, TimeSpan.FromMilliseconds(100)) };
            try
            {
                await runner.RunAsync();
                cluster.Judge(runner, program);
                Assert.All([1, 2], client => Assert.True(Has(runner, client, client == 1 ? First.Steps : Second), $"Client {client} was never answered."));
            }
            catch (Exception exception)
            {
                throw new InvalidOperationException($"{Name}: {exception.Message}", exception);
            }
        }

        /// <summary>Whether the last of the steps was answered in the end.</summary>
        private static bool Has(CaseRunner runner, int client, Step[] steps) => runner.History.Calls.Any(call => call.Client == client && call.IsKnown && steps[^1] switch
        {
            Step.Destroy => call.Request is Request.Destroy,
            Step.Expire => call.Request is Request.Expire,
            _ => call.Request is Request.Commit,
        });
    }
}
