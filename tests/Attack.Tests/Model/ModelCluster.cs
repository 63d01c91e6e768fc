using Microsoft.Extensions.DependencyInjection;
using Orleans.Storage;
using ServerSession.Tests.Support;

namespace ServerSession.Tests.Model;

/// <summary>The cluster that all cases of a test class share: each case has a session, a clock and faults of its own.</summary>
internal sealed class ModelCluster : IAsyncDisposable
{
    private int _localReads;
    private int _localCommits;

    private ModelCluster(SessionCluster cluster, GrainClocks clocks)
    {
        Cluster = cluster;
        Clocks = clocks;
        Faults.Attach(cluster.Store);
        Local = [.. cluster.Silos.Select(static silo => silo.ServiceProvider.GetRequiredService<ILocalSessions>())];
    }

    public SessionCluster Cluster { get; }

    public GrainClocks Clocks { get; }

    public CaseFaults Faults { get; } = new();

    /// <summary>What a frontend in each silo's process does without a call.</summary>
    public IReadOnlyList<ILocalSessions> Local { get; }

    /// <summary>How many reads were answered locally.</summary>
    public int LocalReads => Volatile.Read(ref _localReads);

    /// <summary>How many commits were made locally.</summary>
    public int LocalCommits => Volatile.Read(ref _localCommits);

    /// <summary>Whether touches may fail to be stored in every case.</summary>
    public bool HasBadStore { get; init; }

    public static async Task<ModelCluster> StartAsync(TimeSpan skew, TimeSpan storageTimeout, short silos = 3, Func<IGrainStorage, IGrainStorage>? badStore = null)
    {
        var clocks = new GrainClocks(skew);
        var cluster = await SessionCluster.StartAsync(
            silos,
            options =>
            {
                options.Limits = Programs.Limits;
                options.StorageTimeout = storageTimeout;
                options.ProbeStorage = badStore is null;
            },
            builder =>
            {
                clocks.Configure(builder);
                if (badStore is not null)
                {
                    builder.WrapStorage(badStore);
                }
            });
        return new ModelCluster(cluster, clocks) { HasBadStore = badStore is not null };
    }

    /// <summary>Plays a case and looks for an order that explains it.</summary>
    /// <exception cref="Xunit.Sdk.XunitException">There is none.</exception>
    public async Task CheckAsync(Program program)
    {
        var runner = new CaseRunner(this, program);
        await runner.RunAsync();
        Judge(runner, program);
    }

    /// <summary>Looks for an order that explains a case that was played, and for what it left behind.</summary>
    public void Judge(CaseRunner runner, Program program)
    {
        if ((Refute(runner, program) ?? (runner.LeavesRow ? "The session's row is there after its end." : null)) is { } reason)
        {
            var history = string.Join('\n', runner.History.Calls.Select((call, index) => CallText.Show(index, call)));
            Assert.Fail($"{reason}\nThe whole history:\n{history}\nThe store:\n{runner.StoreCalls}\nThe case:\n{program}");
        }
    }

    /// <summary>Why no order explains a case that was played; null where one does, whatever it left behind.</summary>
    public string? Refute(CaseRunner runner, Program program)
    {
        var calls = runner.History.Calls;
        return Linearizer.Refute(calls, Spec(calls, program, runner.Faults.HasStoredLate));
    }

    public void CountRead() => Interlocked.Increment(ref _localReads);

    public void CountCommit() => Interlocked.Increment(ref _localCommits);

    public async ValueTask DisposeAsync() => await Cluster.DisposeAsync();

    /// <summary>Only where something went wrong may touches be forgotten.</summary>
    private SessionSpec Spec(IReadOnlyList<Call> calls, Program program, bool storesLate)
    {
        var options = new SessionGrainOptions();
        var faulty = HasBadStore
            || program.FirstFault is not null
            || program.Clients.Any(steps => steps.OfType<Step.Fault>().Any())
            || calls.Any(call => !call.IsKnown && call.Request is not Request.Drop);
        return new SessionSpec(Programs.Limits, options.OperationWindow, faulty ? options.TouchFraction : 0, storesLate || HasBadStore);
    }
}
