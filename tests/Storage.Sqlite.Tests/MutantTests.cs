using System.Collections.Concurrent;
using ServerSession.Tests.Storage.Broken;

namespace ServerSession.Tests.Storage;

/// <summary>The suite is worth something only if it catches stores that are wrong: each mutant must fail it, and each fact must catch one.</summary>
public sealed class MutantTests
{
    /// <summary>Each with a fact that catches it: the one that says what is wrong.</summary>
    private static readonly Dictionary<string, (string CaughtBy, Func<IGrainStorage, IGrainStorage> Break)> Mutants = new()
    {
        [nameof(LosesInserts)] = ("Read_after_a_write_gives_exactly_the_bytes", inner => new LosesInserts(inner)),
        [nameof(LosesUpdates)] = ("Write_with_the_current_etag_updates_and_gives_a_new_etag", inner => new LosesUpdates(inner)),
        [nameof(DropsUpdates)] = ("Updates_with_one_etag_at_once_have_one_winner", inner => new DropsUpdates(inner)),
        [nameof(ForgesEtags)] = ("Read_after_another_callers_acknowledged_write_sees_it", inner => new ForgesEtags(inner)),
        [nameof(LosesSomeWrites)] = ("Writes_of_other_rows_in_parallel_are_all_kept", inner => new LosesSomeWrites(inner)),
        [nameof(LosesClears)] = ("Clear_with_the_current_etag_deletes_the_row_itself", inner => new LosesClears(inner)),
        [nameof(KeepsRowsAfterClear)] = ("Clear_with_the_current_etag_deletes_the_row_itself", inner => new KeepsRowsAfterClear(inner)),
        [nameof(TakesEmptyForAbsent)] = ("Read_after_a_write_gives_exactly_the_bytes", inner => new TakesEmptyForAbsent(inner)),
        [nameof(CutsLargeValues)] = ("Read_after_a_write_gives_exactly_the_bytes", inner => new CutsLargeValues(inner)),
        [nameof(IgnoresEtagsOfWrites)] = ("Write_with_a_stale_etag_is_refused", inner => new IgnoresEtagsOfWrites(inner)),
        [nameof(IgnoresEtagsOfClears)] = ("Clear_with_a_stale_etag_is_refused", inner => new IgnoresEtagsOfClears(inner)),
        [nameof(AcceptsSecondInsert)] = ("Write_of_an_existing_row_without_an_etag_is_refused", inner => new AcceptsSecondInsert(inner)),
        [nameof(ClearsWithoutEtag)] = ("Clear_of_an_existing_row_without_an_etag_is_refused", inner => new ClearsWithoutEtag(inner)),
        [nameof(RefusesClearOfAbsent)] = ("Clear_of_an_absent_row_without_an_etag_is_accepted_and_makes_no_row", inner => new RefusesClearOfAbsent(inner)),
        [nameof(ComparesThenWrites)] = ("Updates_with_one_etag_at_once_have_one_winner", inner => new ComparesThenWrites(inner)),
        [nameof(RepeatsEtags)] = ("Write_that_inserts_again_after_a_clear_does_not_revive_old_etags", inner => new RepeatsEtags(inner)),
        [nameof(LeavesStateOfAbsentRow)] = ("Read_of_an_absent_row_gives_a_fresh_state", inner => new LeavesStateOfAbsentRow(inner)),
        [nameof(LeavesStateAfterClear)] = ("Clear_that_was_acknowledged_resets_the_callers_state", inner => new LeavesStateAfterClear(inner)),
        [nameof(GivesEtagWithRefusal)] = ("Write_that_is_refused_leaves_the_callers_state_alone", inner => new GivesEtagWithRefusal(inner)),
        [nameof(SharesBytes)] = ("Write_whose_bytes_are_changed_afterwards_does_not_change_the_store", inner => new SharesBytes(inner)),
        [nameof(TouchesStateAfterCancel)] = ("Write_that_is_cancelled_never_touches_the_callers_state_again", inner => new TouchesStateAfterCancel(inner)),
        [nameof(LosesRowOnCancel)] = ("Write_that_is_cancelled_leaves_one_of_the_two_values", inner => new LosesRowOnCancel(inner)),
        [nameof(AcknowledgesCancelled)] = ("Calls_cancelled_before_they_begin_do_nothing_or_all_of_it", inner => new AcknowledgesCancelled(inner)),
        [nameof(MixesStateNames)] = ("Keys_of_other_state_names_of_one_grain_do_not_collide", inner => new MixesStateNames(inner)),
        [nameof(MixesGrainTypes)] = ("Keys_of_other_grain_types_do_not_collide", inner => new MixesGrainTypes(inner)),
        [nameof(JoinsTypeAndKey)] = ("Keys_of_other_grain_types_do_not_collide", inner => new JoinsTypeAndKey(inner)),
        [nameof(ReplacesOddCharacters)] = ("Keys_with_odd_characters_do_not_collide", inner => new ReplacesOddCharacters(inner)),
        [nameof(IgnoresCase)] = ("Keys_with_odd_characters_do_not_collide", inner => new IgnoresCase(inner)),
        [nameof(ReadsOldValues)] = ("Read_after_another_callers_acknowledged_write_sees_it", inner => new ReadsOldValues(inner)),
        [nameof(ThrowsSynchronously)] = ("Calls_that_are_refused_fail_through_their_tasks", inner => new ThrowsSynchronously(inner)),
        [nameof(ThrowsAtTheCall)] = ("Calls_that_are_refused_fail_through_their_tasks", inner => new ThrowsAtTheCall(inner)),
        [nameof(Fails)] = ("Read_after_a_write_gives_exactly_the_bytes", inner => new Fails(inner)),
        [nameof(Hangs)] = ("Read_after_a_write_gives_exactly_the_bytes", inner => new Hangs(inner)),
    };

    private static readonly ConcurrentDictionary<string, Lazy<Task<IReadOnlySet<string>>>> Results = new();

    /// <summary>After which time a store that never answers fails a fact.</summary>
    private static readonly TimeSpan HangsFor = TimeSpan.FromSeconds(2);

    public static TheoryData<string> Names => [.. Mutants.Keys];

    [Fact]
    public async Task Suite_on_a_correct_store_passes() =>
        Assert.Empty(await MutantConformance.FailuresAsync(inner => inner));

    [Fact]
    public async Task Suite_on_a_slow_store_passes() =>
        Assert.Empty(await MutantConformance.FailuresAsync(inner => new AnswersLate(inner)));

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Suite_on_a_broken_store_fails_the_fact_that_says_what_is_wrong(string mutant) =>
        Assert.Contains(Mutants[mutant].CaughtBy, await FailuresOf(mutant));

    [Fact]
    public async Task Suite_on_a_store_that_forgets_on_close_fails() => Assert.Equal(
        ["Reopen_after_a_row_was_inserted_again_does_not_revive_old_etags", "Reopen_after_writes_has_all_that_was_acknowledged", "Reopen_leaves_etags_that_mean_the_same_as_before"],
        (await MutantConformance.FailuresAsync(inner => inner, forgetsOnClose: true)).Order());

    [Fact]
    public async Task Facts_of_the_suite_each_catch_a_broken_store_that_answers()
    {
        HashSet<string> blind = [.. MutantConformance.Facts.Select(fact => fact.Name)];
        foreach (var name in Mutants.Keys)
        {
            // Any fact notices a store that fails or hangs; the others are what it takes eyes for.
            if (name is not (nameof(Fails) or nameof(Hangs)))
            {
                blind.ExceptWith(await FailuresOf(name));
            }
        }

        Assert.Empty(blind);
    }

    private static Task<IReadOnlySet<string>> FailuresOf(string mutant) =>
        Results.GetOrAdd(mutant, name => new(() => MutantConformance.FailuresAsync(Mutants[name].Break, callLimit: name == nameof(Hangs) ? HangsFor : null))).Value;
}
