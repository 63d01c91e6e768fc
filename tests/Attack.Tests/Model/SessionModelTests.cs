using CsCheck;
using ServerSession.Tests.Storage;
using ServerSession.Tests.Support;

namespace ServerSession.Tests.Model;

/// <summary>
/// Random cases against the real grain on three silos: one to three clients at once, through
/// frontends in each silo's process and outside of all, with delayed duplicates, retries, activations thrown
/// away and moved, a clock that goes forward and a little back, and (in <see cref="SessionModelFaultTests"/>) storage that fails, loses
/// replies, hangs and answers or arrives late. What the grain answered has to be what a session that does one thing at a time would have.
/// </summary>
/// <remarks>
/// The default is 300 cases for each test, always the same ones, in under a minute. SERVERSESSION_MODEL_CASES sets how many others each test plays: a
/// failure of those prints a seed, and CsCheck_Seed plays its case again.
/// </remarks>
public class SessionModelTests(SessionModelTests.Steady steady) : IClassFixture<SessionModelTests.Steady>
{
    [Theory]
    [InlineData(SessionDurability.WriteThrough, 1)]
    [InlineData(SessionDurability.WriteThrough, 3)]
    [InlineData(SessionDurability.WriteBehind, 1)]
    [InlineData(SessionDurability.WriteBehind, 3)]
    [InlineData(SessionDurability.Volatile, 1)]
    [InlineData(SessionDurability.Volatile, 3)]
    public Task Case_of_random_calls_is_explained_by_the_guarantees(SessionDurability durability, int clients) =>
        steady.SampleAsync(Programs.Of(durability, faults: false, clients));

    // Defect: what was answered 503 took effect after what its client was told later.
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public Task Message_that_is_delayed_takes_effect_in_its_time_or_never(bool destroys) => steady.CheckAsync(new Program(
        new SessionTerms(),
        [],
        FirstFault: null,
        [[
            new Step.Delay(destroys ? null : [SessionDriver.Set("a", "v1")], TimeSpan.FromSeconds(6)),
            new Step.Clock(TimeSpan.FromSeconds(6.1)),
            new Step.Commit([SessionDriver.Set("a", "v2")], Rotate: false, Terms: null, Old: false, Touch: true, Twice: false),
            new Step.Arrive(),
            new Step.Open(Peek: false, Old: false),
        ]]));

    /// <summary>A cluster whose storage does what it should and whose clocks agree.</summary>
    public sealed class Steady() : ModelFixture(TimeSpan.Zero, TimeSpan.FromSeconds(3));
}

/// <summary>The same with storage faults, and with silos whose clocks differ by two seconds.</summary>
public class SessionModelFaultTests(SessionModelFaultTests.Faulty faulty) : IClassFixture<SessionModelFaultTests.Faulty>
{
    [Theory]
    [InlineData(SessionDurability.WriteThrough, 1)]
    [InlineData(SessionDurability.WriteThrough, 3)]
    [InlineData(SessionDurability.WriteBehind, 1)]
    [InlineData(SessionDurability.WriteBehind, 3)]
    [InlineData(SessionDurability.Volatile, 1)]
    [InlineData(SessionDurability.Volatile, 3)]
    public Task Case_of_random_calls_with_storage_faults_is_explained_by_the_guarantees(SessionDurability durability, int clients) =>
        faulty.SampleAsync(Programs.Of(durability, faults: true, clients));

    // Deadlines hold: the end of an activation stores the last access, and that may arrive when the next one has read the row already.
    [Theory]
    [InlineData("read")]
    [InlineData("changed")]
    [InlineData("expired")]
    [InlineData("destroyed")]
    public Task Touch_that_arrives_late_at_the_end_of_an_activation_is_explained_by_the_guarantees(string then)
    {
        var touch = new Step.Open(Peek: false, Old: false);
        var peek = touch with { Peek = true };
        Step[] next = then switch
        {
            "read" => [peek],
            "changed" => [new Step.Commit([SessionDriver.Set("a", "v1")], Rotate: false, Terms: null, Old: false, Touch: false, Twice: false)],
            "expired" => [Wait(8.5), peek],
            _ => [new Step.Destroy(Administrator: false, Old: false)],
        };
        return faulty.CheckAsync(new Program(
            new SessionTerms { IdleTimeout = TimeSpan.FromSeconds(10) },
            [],
            FirstFault: null,
            [[Wait(2), touch, new Step.Fault(FaultKind.ArrivesLate, StorageOperationKind.Write, 1), new Step.Drop(), new Step.Meet(), .. next, new Step.Release(), peek]]));

        static Step.Clock Wait(double seconds) => new(TimeSpan.FromSeconds(seconds));
    }

    // Nothing is left behind: a row that was deleted, and whose storage did not say so, was taken for one that cannot be read, and looked for a day later.
    [Fact]
    public Task Expiry_of_a_session_with_gathered_changes_whose_deleted_row_was_not_confirmed_leaves_nothing()
    {
        return faulty.CheckAsync(new Program(
            new SessionTerms { IdleTimeout = TimeSpan.FromSeconds(10), Durability = SessionDurability.WriteBehind, WriteBehindInterval = TimeSpan.FromHours(1) },
            [],
            FirstFault: null,
            [[
                new Step.Commit([SessionDriver.Set("a", "v1")], Rotate: false, Terms: null, Old: false, Touch: false, Twice: false),
                new Step.Fault(FaultKind.LosesReply, StorageOperationKind.Clear, 1),
                new Step.Clock(TimeSpan.FromSeconds(70)),
                new Step.Expire(),
                new Step.Expire(),
            ]]));
    }

    /// <summary>A cluster whose storage fails as its cases say.</summary>
    public sealed class Faulty() : ModelFixture(TimeSpan.FromSeconds(1), TimeSpan.FromMilliseconds(250));
}

/// <summary>Starts the cluster of a test class.</summary>
public abstract class ModelFixture(TimeSpan skew, TimeSpan storageTimeout) : IAsyncLifetime
{
    private const int AtOnce = 16;

    internal static readonly int Cases = FixedCases.Others ?? 300;

    private ModelCluster? _cluster;

    public async ValueTask InitializeAsync() => _cluster = await ModelCluster.StartAsync(skew, storageTimeout);

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        if (_cluster is not null)
        {
            await _cluster.DisposeAsync();
        }
    }

    internal Task CheckAsync(Program program) => _cluster!.CheckAsync(program);

    /// <summary>Plays cases of which some read and commit locally.</summary>
    internal async Task SampleAsync(Gen<Program> programs)
    {
        var (reads, commits) = (_cluster!.LocalReads, _cluster.LocalCommits);
        if (FixedCases.Others is null)
        {
            await programs.PlayAsync(Cases, AtOnce, _cluster.CheckAsync);
        }
        else
        {
            await programs.SampleAsync(_cluster.CheckAsync, iter: Cases, threads: AtOnce);
        }

        Assert.True(_cluster.LocalReads - reads > Cases / 10, $"Only {_cluster.LocalReads - reads} reads were answered locally.");
        Assert.True(_cluster.LocalCommits - commits > Cases / 10, $"Only {_cluster.LocalCommits - commits} commits were made locally.");
    }
}
