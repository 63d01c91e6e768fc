using System.Collections.Concurrent;
using ServerSession.Tests.Storage.Broken;

namespace ServerSession.Tests.Storage;

/// <summary>The suite is worth something only if it catches stores that are wrong: each mutant must fail it, and each fact must catch one.</summary>
public sealed class MutantTests
{
    /// <summary>Each with a fact that catches it: the one that says what is wrong.</summary>
    private static readonly Dictionary<string, (string CaughtBy, Func<IGrainStorage, IGrainStorage> Break)> Mutants = new()
    {
        [nameof(LosesInserts)] = ("Read_afterWrite_givesExactlyTheBytes", inner => new LosesInserts(inner)),
        [nameof(LosesUpdates)] = ("Write_currentEtag_updatesAndGivesNewEtag", inner => new LosesUpdates(inner)),
        [nameof(DropsUpdates)] = ("Concurrent_updatesWithOneEtag_haveOneWinner", inner => new DropsUpdates(inner)),
        [nameof(ForgesEtags)] = ("Read_afterAnotherCallersAcknowledgedWrite_seesIt", inner => new ForgesEtags(inner)),
        [nameof(LosesSomeWrites)] = ("Parallel_writesOfOtherRows_areAllKept", inner => new LosesSomeWrites(inner)),
        [nameof(LosesClears)] = ("Clear_currentEtag_deletesTheRowItself", inner => new LosesClears(inner)),
        [nameof(KeepsRowsAfterClear)] = ("Clear_currentEtag_deletesTheRowItself", inner => new KeepsRowsAfterClear(inner)),
        [nameof(TakesEmptyForAbsent)] = ("Read_afterWrite_givesExactlyTheBytes", inner => new TakesEmptyForAbsent(inner)),
        [nameof(CutsLargeValues)] = ("Read_afterWrite_givesExactlyTheBytes", inner => new CutsLargeValues(inner)),
        [nameof(IgnoresEtagsOfWrites)] = ("Write_staleEtag_isRefused", inner => new IgnoresEtagsOfWrites(inner)),
        [nameof(IgnoresEtagsOfClears)] = ("Clear_staleEtag_isRefused", inner => new IgnoresEtagsOfClears(inner)),
        [nameof(AcceptsSecondInsert)] = ("Write_existingRowWithoutEtag_isRefused", inner => new AcceptsSecondInsert(inner)),
        [nameof(ClearsWithoutEtag)] = ("Clear_existingRowWithoutEtag_isRefused", inner => new ClearsWithoutEtag(inner)),
        [nameof(RefusesClearOfAbsent)] = ("Clear_absentRowWithoutEtag_isAcceptedAndMakesNoRow", inner => new RefusesClearOfAbsent(inner)),
        [nameof(ComparesThenWrites)] = ("Concurrent_updatesWithOneEtag_haveOneWinner", inner => new ComparesThenWrites(inner)),
        [nameof(RepeatsEtags)] = ("Write_insertedAgainAfterClear_doesNotReviveOldEtags", inner => new RepeatsEtags(inner)),
        [nameof(LeavesStateOfAbsentRow)] = ("Read_absentRow_givesAFreshState", inner => new LeavesStateOfAbsentRow(inner)),
        [nameof(LeavesStateAfterClear)] = ("Clear_acknowledged_resetsTheCallersState", inner => new LeavesStateAfterClear(inner)),
        [nameof(GivesEtagWithRefusal)] = ("Write_refused_leavesTheCallersStateAlone", inner => new GivesEtagWithRefusal(inner)),
        [nameof(SharesBytes)] = ("Write_bytesChangedAfterwards_doesNotChangeTheStore", inner => new SharesBytes(inner)),
        [nameof(TouchesStateAfterCancel)] = ("Write_cancelled_neverTouchesTheCallersStateAgain", inner => new TouchesStateAfterCancel(inner)),
        [nameof(LosesRowOnCancel)] = ("Write_cancelled_leavesOneOfTheTwoValues", inner => new LosesRowOnCancel(inner)),
        [nameof(AcknowledgesCancelled)] = ("Calls_cancelledBefore_doNothingOrAllOfIt", inner => new AcknowledgesCancelled(inner)),
        [nameof(MixesStateNames)] = ("Keys_otherStateNamesOfOneGrain_doNotCollide", inner => new MixesStateNames(inner)),
        [nameof(MixesGrainTypes)] = ("Keys_sameKeyOfOtherGrainTypes_doNotCollide", inner => new MixesGrainTypes(inner)),
        [nameof(JoinsTypeAndKey)] = ("Keys_sameKeyOfOtherGrainTypes_doNotCollide", inner => new JoinsTypeAndKey(inner)),
        [nameof(ReplacesOddCharacters)] = ("Keys_odd_doNotCollide", inner => new ReplacesOddCharacters(inner)),
        [nameof(IgnoresCase)] = ("Keys_odd_doNotCollide", inner => new IgnoresCase(inner)),
        [nameof(ReadsOldValues)] = ("Read_afterAnotherCallersAcknowledgedWrite_seesIt", inner => new ReadsOldValues(inner)),
        [nameof(ThrowsSynchronously)] = ("Calls_refused_failThroughTheirTasks", inner => new ThrowsSynchronously(inner)),
        [nameof(ThrowsAtTheCall)] = ("Calls_refused_failThroughTheirTasks", inner => new ThrowsAtTheCall(inner)),
        [nameof(Fails)] = ("Read_afterWrite_givesExactlyTheBytes", inner => new Fails(inner)),
        [nameof(Hangs)] = ("Read_afterWrite_givesExactlyTheBytes", inner => new Hangs(inner)),
    };

    private static readonly ConcurrentDictionary<string, Lazy<Task<IReadOnlySet<string>>>> Results = new();

    public static TheoryData<string> Names => [.. Mutants.Keys];

    [Fact]
    public async Task Suite_correctStore_passes() =>
        Assert.Empty(await MutantConformance.FailuresAsync(inner => inner));

    [Fact]
    public async Task Suite_slowStore_passes() =>
        Assert.Empty(await MutantConformance.FailuresAsync(inner => new AnswersLate(inner)));

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Suite_brokenStore_failsTheFactThatSaysWhatIsWrong(string mutant) =>
        Assert.Contains(Mutants[mutant].CaughtBy, await FailuresOf(mutant));

    [Fact]
    public async Task Suite_storeThatForgetsOnClose_fails() => Assert.Equal(
        ["Reopen_afterWrites_hasAllThatWasAcknowledged", "Reopen_etags_meanTheSameAsBefore", "Reopen_rowInsertedAgain_doesNotReviveOldEtags"],
        (await MutantConformance.FailuresAsync(inner => inner, forgetsOnClose: true)).Order());

    [Fact]
    public async Task Facts_each_catchABrokenStoreThatAnswers()
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
        Results.GetOrAdd(mutant, name => new(() => MutantConformance.FailuresAsync(Mutants[name].Break))).Value;
}
