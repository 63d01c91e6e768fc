using System.Collections.Concurrent;
using System.Reflection;
using Microsoft.Extensions.Options;
using ServerSession.Tests.Stores.Broken;

namespace ServerSession.Tests.Stores;

/// <summary>The suite of session stores is worth something only if it catches stores that are wrong: each must fail it, and each fact must catch one.</summary>
public sealed class BrokenStoreTests
{
    /// <summary>Each with a fact that catches it: the one that says what is wrong.</summary>
    private static readonly Dictionary<string, (string CaughtBy, Func<IServerSessionStore, TimeProvider, IServerSessionStore> Break)> Mutants = new()
    {
        [nameof(OpensForAnybody)] = ("Open_with_another_verifier_is_stale_and_tells_nothing", static (inner, _) => new OpensForAnybody(inner)),
        [nameof(TouchesForAnybody)] = ("Open_with_another_verifier_does_not_extend_the_session", static (inner, _) => new TouchesForAnybody(inner)),
        [nameof(CommitsForAnybody)] = ("Commit_with_another_verifier_is_stale_and_changes_nothing", static (inner, _) => new CommitsForAnybody(inner)),
        [nameof(DestroysForAnybody)] = ("Destroy_with_another_verifier_is_stale_and_ends_nothing", static (inner, _) => new DestroysForAnybody(inner)),
        [nameof(RefusesAdministrators)] = ("Destroy_by_an_administrator_needs_no_verifier", static (inner, _) => new RefusesAdministrators(inner)),
        [nameof(KeepsOldTokens)] = ("Rotation_makes_the_old_token_stale_and_the_new_one_open_the_same_data", static (inner, _) => new KeepsOldTokens(inner)),
        [nameof(HasEndlessGrace)] = ("Token_that_was_replaced_counts_as_just_replaced_until_the_grace_is_over", static (inner, _) => new HasEndlessGrace(inner)),
        [nameof(HasNoGrace)] = ("Token_that_was_replaced_counts_as_just_replaced_until_the_grace_is_over", static (inner, _) => new HasNoGrace(inner)),
        [nameof(RevivesByCommits)] = ("Destroy_ends_the_session_for_every_later_operation", static (inner, time) => new RevivesByCommits(inner, time)),
        [nameof(ReplacesByCreates)] = ("Create_under_a_used_id_is_gone_and_changes_nothing", static (inner, _) => new ReplacesByCreates(inner)),
        [nameof(LooksThenCreates)] = ("Creates_under_one_id_at_once_have_one_winner", static (inner, _) => new LooksThenCreates(inner)),
        [nameof(ServesTheDead)] = ("Open_after_the_idle_timeout_is_gone", static (inner, _) => new ServesTheDead(inner)),
        [nameof(KnowsEveryId)] = ("Open_of_an_unknown_id_is_gone", static (inner, _) => new KnowsEveryId(inner)),
        [nameof(DestroysNothing)] = ("Destroy_ends_the_session_for_every_later_operation", static (inner, _) => new DestroysNothing(inner)),
        [nameof(TouchesOnPeek)] = ("Open_extends_the_session_and_a_peek_does_not", static (inner, _) => new TouchesOnPeek(inner)),
        [nameof(NeverTouches)] = ("Open_extends_the_session_and_a_peek_does_not", static (inner, _) => new NeverTouches(inner)),
        [nameof(TouchesByEveryCommit)] = ("Commit_that_is_no_access_does_not_extend_the_session", static (inner, _) => new TouchesByEveryCommit(inner)),
        [nameof(KeepsTerms)] = ("Commit_of_other_terms_moves_the_deadline", static (inner, _) => new KeepsTerms(inner)),
        [nameof(LosesCommits)] = ("Commit_that_was_answered_is_seen_by_the_next_open", static (inner, _) => new LosesCommits(inner)),
        [nameof(LosesFirstChanges)] = ("Create_under_a_fresh_id_has_its_first_changes", static (inner, _) => new LosesFirstChanges(inner)),
        [nameof(WritesBackTheWhole)] = ("Commits_that_change_different_keys_at_once_are_all_kept", static (inner, _) => new WritesBackTheWhole(inner)),
        [nameof(TakesInTwoSteps)] = ("Takes_at_once_have_one_winner", static (inner, _) => new TakesInTwoSteps(inner)),
        [nameof(AppliesRepeats)] = ("Commit_repeated_under_its_operation_id_is_applied_once_and_answered_alike", static (inner, _) => new AppliesRepeats(inner)),
        [nameof(MakesHalf)] = ("Commit_over_a_limit_is_too_large_and_changes_nothing_of_it", static (inner, time) => new MakesHalf(inner, time)),
        [nameof(HidesRefusals)] = ("Create_over_a_limit_is_too_large_and_creates_nothing", static (inner, _) => new HidesRefusals(inner)),
        [nameof(IgnoresGivingUp)] = ("Commit_whose_caller_has_given_up_is_late_and_changes_nothing", static (inner, _) => new IgnoresGivingUp(inner)),
        [nameof(IgnoresTheWindow)] = ("Commit_issued_before_the_operation_window_is_late_and_changes_nothing", static (inner, time) => new IgnoresTheWindow(inner, time)),
        [nameof(ReversesChanges)] = ("Commit_applies_its_changes_in_their_order", static (inner, _) => new ReversesChanges(inner)),
        [nameof(ServesOldSnapshots)] = ("Commit_that_was_answered_is_seen_by_the_next_open", static (inner, _) => new ServesOldSnapshots(inner)),
        [nameof(RepeatsVersions)] = ("Snapshot_that_was_given_does_not_change_with_the_session", static (inner, _) => new RepeatsVersions(inner)),
        [nameof(KeepsResults)] = ("Create_that_counts_answers_with_the_results", static (inner, _) => new KeepsResults(inner)),
        [nameof(KeepsSnapshots)] = ("Commit_that_wants_a_snapshot_gets_the_session_as_committed", static (inner, _) => new KeepsSnapshots(inner)),
        [nameof(KeepsText)] = ("Commit_keeps_bytes_exactly_and_empty_ones_apart_from_absent_ones", static (inner, _) => new KeepsText(inner)),
        [nameof(Fails)] = ("Create_under_a_fresh_id_has_its_first_changes", static (inner, _) => new Fails(inner)),
        [nameof(Hangs)] = ("Create_under_a_fresh_id_has_its_first_changes", static (inner, _) => new Hangs(inner)),
    };

    private static readonly ConcurrentDictionary<string, Lazy<Task<IReadOnlySet<string>>>> Results = new();

    public static TheoryData<string> Names => [.. Mutants.Keys];

    [Fact]
    public async Task Suite_on_a_correct_store_passes() => Assert.Empty(await BrokenSuite.FailuresAsync(static (inner, _) => inner));

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Suite_on_a_broken_store_fails_the_fact_that_says_what_is_wrong(string mutant) =>
        Assert.Contains(Mutants[mutant].CaughtBy, await FailuresOf(mutant));

    [Fact]
    public void Broken_stores_are_all_tried() => Assert.Equal(
        typeof(BrokenStore).Assembly.GetTypes().Where(static type => type.IsSubclassOf(typeof(BrokenStore))).Select(static type => type.Name).Order(StringComparer.Ordinal),
        Mutants.Keys.Order(StringComparer.Ordinal));

    [Fact]
    public async Task Facts_of_the_suite_each_catch_a_broken_store_that_answers()
    {
        HashSet<string> blind = [.. BrokenSuite.Facts.Select(static fact => fact.Name)];
        foreach (var name in Mutants.Keys)
        {
            // Any fact notices a store that fails or hangs.
            if (name is not (nameof(Fails) or nameof(Hangs)))
            {
                blind.ExceptWith(await FailuresOf(name));
            }
        }

        Assert.Empty(blind);
    }

    private static Task<IReadOnlySet<string>> FailuresOf(string mutant) =>
        Results.GetOrAdd(mutant, static name => new(() => BrokenSuite.FailuresAsync(Mutants[name].Break))).Value;

    /// <summary>The suite over a store that is broken in one way. It is not public, so only the tests above run it.</summary>
    private sealed class BrokenSuite(Func<IServerSessionStore, TimeProvider, IServerSessionStore> breakIt) : SessionStoreSuite
    {
        private readonly TestClock _time = new();

        public static IReadOnlyList<MethodInfo> Facts { get; } =
            [.. typeof(SessionStoreSuite).GetMethods().Where(static method => method.GetCustomAttribute<FactAttribute>() is not null)];

        protected override TimeProvider Time => _time;

        protected override TimeSpan CallLimit => TimeSpan.FromSeconds(2);

        /// <summary>Runs every fact, each on a separate store, and returns the names of those that failed.</summary>
        public static async Task<IReadOnlySet<string>> FailuresAsync(Func<IServerSessionStore, TimeProvider, IServerSessionStore> breakIt)
        {
            var results = await Task.WhenAll(Facts.Select(fact => Task.Run(async () =>
            {
                var suite = new BrokenSuite(breakIt);
                try
                {
                    await suite.InitializeAsync();
                    await (Task)fact.Invoke(suite, null)!;
                    return null;
                }
                catch (Exception)
                {
                    return fact.Name;
                }
            })));
            return results.OfType<string>().ToHashSet();
        }

        protected override ValueTask<IServerSessionStore> OpenAsync() =>
            new(breakIt(new InMemorySessionStore(Options.Create(new ServerSessionOptions()), _time), _time));

        protected override ValueTask AdvanceAsync(TimeSpan time)
        {
            _time.Advance(time);
            return ValueTask.CompletedTask;
        }
    }
}
