using System.Collections.Concurrent;
using ServerSession.Tests.Storage.Broken;

namespace ServerSession.Tests.Storage;

/// <summary>The suite is worth something only if it catches stores that are wrong: each mutant must fail it, and each fact must catch one.</summary>
public sealed class MutantTests
{
    private static readonly Dictionary<string, Func<IGrainStorage, IGrainStorage>> Mutants = new()
    {
        [nameof(LosesInserts)] = inner => new LosesInserts(inner),
        [nameof(LosesUpdates)] = inner => new LosesUpdates(inner),
        [nameof(LosesSomeWrites)] = inner => new LosesSomeWrites(inner),
        [nameof(LosesClears)] = inner => new LosesClears(inner),
        [nameof(KeepsRowsAfterClear)] = inner => new KeepsRowsAfterClear(inner),
        [nameof(TakesEmptyForAbsent)] = inner => new TakesEmptyForAbsent(inner),
        [nameof(CutsLargeValues)] = inner => new CutsLargeValues(inner),
        [nameof(IgnoresEtagsOfWrites)] = inner => new IgnoresEtagsOfWrites(inner),
        [nameof(IgnoresEtagsOfClears)] = inner => new IgnoresEtagsOfClears(inner),
        [nameof(AcceptsSecondInsert)] = inner => new AcceptsSecondInsert(inner),
        [nameof(ClearsWithoutEtag)] = inner => new ClearsWithoutEtag(inner),
        [nameof(RefusesClearOfAbsent)] = inner => new RefusesClearOfAbsent(inner),
        [nameof(ComparesThenWrites)] = inner => new ComparesThenWrites(inner),
        [nameof(RepeatsEtags)] = inner => new RepeatsEtags(inner),
        [nameof(LeavesStateOfAbsentRow)] = inner => new LeavesStateOfAbsentRow(inner),
        [nameof(LeavesStateAfterClear)] = inner => new LeavesStateAfterClear(inner),
        [nameof(GivesEtagWithRefusal)] = inner => new GivesEtagWithRefusal(inner),
        [nameof(SharesBytes)] = inner => new SharesBytes(inner),
        [nameof(TouchesStateAfterCancel)] = inner => new TouchesStateAfterCancel(inner),
        [nameof(LosesRowOnCancel)] = inner => new LosesRowOnCancel(inner),
        [nameof(AcknowledgesCancelled)] = inner => new AcknowledgesCancelled(inner),
        [nameof(MixesStateNames)] = inner => new MixesStateNames(inner),
        [nameof(MixesGrainTypes)] = inner => new MixesGrainTypes(inner),
        [nameof(JoinsTypeAndKey)] = inner => new JoinsTypeAndKey(inner),
        [nameof(ReplacesOddCharacters)] = inner => new ReplacesOddCharacters(inner),
        [nameof(IgnoresCase)] = inner => new IgnoresCase(inner),
        [nameof(ReadsOldValues)] = inner => new ReadsOldValues(inner),
        [nameof(ThrowsSynchronously)] = inner => new ThrowsSynchronously(inner),
        [nameof(Fails)] = inner => new Fails(inner),
        [nameof(Hangs)] = inner => new Hangs(inner),
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
    public async Task Suite_brokenStore_fails(string mutant) =>
        Assert.NotEmpty(await FailuresOf(mutant));

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
        Results.GetOrAdd(mutant, name => new(() => MutantConformance.FailuresAsync(Mutants[name]))).Value;
}
