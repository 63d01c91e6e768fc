using CsCheck;
using Orleans.Storage;
using ServerSession.Tests.Storage;
using ServerSession.Tests.Storage.Broken;
using ServerSession.Tests.Support;

namespace ServerSession.Tests.Model;

/// <summary>
/// Deliberately broken stores under the real grain, let in although the probe at the silo's start refuses most of them. What one can see,
/// the grain refuses: its callers hear that the session is unavailable, and no guarantee is broken. What only a store can know, the grain cannot
/// see; here the checker has to see it, which proves that it could.
/// </summary>
/// <remarks>
/// Impossible for a grain to detect: an insert or an update that is acknowledged with a new ETag and not done; a write or a clear that
/// ignores its ETag; a row that is older than the last one acknowledged, with the ETag that belongs to it; a value that was changed into
/// another well-formed one; an insert done later than the operation window after it was asked for. All but the last two are refused at the
/// start if the store does them always.
/// </remarks>
public class BrokenStoreTests
{
    private static readonly SessionTerms Stored = new();
    private static readonly Step Count = new Step.Commit([SessionChange.Increment("n")], Rotate: false, Terms: null, Old: false, Touch: true, Twice: false);
    private static readonly Step Look = new Step.Open(Peek: false, Old: false);
    private static readonly Step Drop = new Step.Drop();

    /// <summary>A store that throws at the call, and one that drops writes without a new ETag: unavailable at times, never wrong.</summary>
    [Theory]
    [InlineData(typeof(ThrowsAtTheCall))]
    [InlineData(typeof(DropsUpdates))]
    [InlineData(typeof(AnswersLate))]
    [InlineData(typeof(ComparesThenWrites))]
    public async Task Fault_that_can_be_seen_breaks_no_guarantee(Type store)
    {
        await using var cluster = await StartAsync(inner => (IGrainStorage)Activator.CreateInstance(store, inner)!);

        await Programs.AlwaysStored(clients: 2).PlayAsync(count: 40, atOnce: 8, cluster.CheckAsync);
    }

    /// <summary>Writes that are acknowledged and lost: by an insert, or by every third update.</summary>
    [Theory]
    [InlineData(typeof(LosesInserts))]
    [InlineData(typeof(ForgesEtags))]
    public async Task Write_that_is_lost_is_caught_by_the_checker(Type store)
    {
        await using var cluster = await StartAsync(inner => (IGrainStorage)Activator.CreateInstance(store, inner)!);

        await RefutedAsync(cluster, Count, Count, Count, Drop, Look);
    }

    [Fact]
    public async Task Row_that_is_older_is_caught_by_the_checker()
    {
        await using var cluster = await StartAsync(static inner => new ReadsTheRowBefore(inner));

        await RefutedAsync(cluster, Count, Count, Drop, Look);
    }

    /// <summary>A write that timed out arrives after two later ones, and nothing holds it up.</summary>
    [Fact]
    public async Task Etag_that_is_ignored_is_caught_by_the_checker()
    {
        await using var cluster = await StartAsync(static inner => new IgnoresEtagsOfWrites(inner));

        await RefutedAsync(
            cluster, new Step.Fault(FaultKind.ArrivesLate, StorageOperationKind.Write, 1), Count, Count, Count, new Step.Release(), Drop, Look);
    }

    /// <summary>The same with a store that keeps to ETags: the late write is refused.</summary>
    [Fact]
    public async Task Write_that_comes_late_to_a_store_that_keeps_to_etags_changes_nothing()
    {
        await using var cluster = await StartAsync(static inner => inner);

        await cluster.CheckAsync(CaseOf(
            new Step.Fault(FaultKind.ArrivesLate, StorageOperationKind.Write, 1), Count, Count, Count, new Step.Release(), Drop, Look));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(20)]
    public async Task Row_of_garbage_opens_nothing_and_is_not_written_over(int kept)
    {
        var spoil = false;
        await using var cluster = await SessionCluster.StartAsync(1, static options => options.ProbeStorage = false, silo =>
            silo.WrapStorage(inner => new ReadsGarbage(inner, bytes => spoil ? bytes[..kept] : bytes)));
        var session = await cluster.CreateAsync(null, SessionDriver.Set("quote", "q"));
        await cluster.DeactivateAsync(session.Id);
        spoil = true;

        Assert.Equal(SessionOutcome.Gone, (await session.OpenWithRetriesAsync()).Outcome);
        Assert.Equal(SessionOutcome.Gone, (await session.CommitWithRetriesAsync(SessionDriver.Set("quote", "new"))).Outcome);
        Assert.Equal(SessionOutcome.Gone, (await SessionDriver.RetryAsync(() => session.Grain.CreateAsync(session.CreateRequest()))).Outcome);

        spoil = false;
        await session.DropAsync();
        Assert.Equal("q", SessionDriver.Text(await session.OpenWithRetriesAsync(), "quote"));
    }

    /// <summary>
    /// Where a busy machine lets more calls time out than were to, the history may have an explanation, whatever the row says: then it says
    /// nothing, and is played again.
    /// </summary>
    private static async Task RefutedAsync(ModelCluster cluster, params Step[] steps)
    {
        const int Tries = 5;
        var program = CaseOf(steps);
        string? refutation = null;
        for (var attempt = 0; refutation is null && attempt < Tries; attempt++)
        {
            var runner = new CaseRunner(cluster, program);
            await runner.RunAsync();
            refutation = cluster.Refute(runner, program);
        }

        Assert.StartsWith("No order of these calls", refutation, StringComparison.Ordinal);
    }

    private static Program CaseOf(params Step[] steps) => new(Stored, [], FirstFault: null, [steps]);

    private static Task<ModelCluster> StartAsync(Func<IGrainStorage, IGrainStorage> badStore) =>
        ModelCluster.StartAsync(TimeSpan.Zero, TimeSpan.FromMilliseconds(250), silos: 1, badStore);
}
