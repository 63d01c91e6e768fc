using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans.Storage;
using ServerSession.Tests.Storage;
using ServerSession.Tests.Support;

namespace ServerSession.Tests;

/// <summary>A storage provider that would break the guarantees is refused at the silo's start, with the setting to change.</summary>
public class StorageProbeTests
{
    [Fact]
    public async Task Start_with_a_sound_provider_leaves_no_scratch_row()
    {
        await using var cluster = await SessionCluster.StartAsync();

        Assert.Empty(cluster.Store.RowsOf("probe"));
    }

    [Theory]
    [InlineData(Fault.KeepsRowsAfterClear, "DeleteStateOnClear")]
    [InlineData(Fault.AcceptsSecondInsert, "second insert")]
    [InlineData(Fault.AcceptsStaleWrite, "stale ETag")]
    [InlineData(Fault.AcceptsStaleClear, "clear with a stale ETag")]
    [InlineData(Fault.LosesWrites, "does not read back")]
    public async Task Start_with_a_provider_that_breaks_a_rule_is_refused_and_says_which(Fault fault, string named)
    {
        using var silo = Build(silo => AddStorage(silo, fault));

        Assert.Contains(named, await RefusalAsync(() => ProbeAsync(silo)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Start_with_a_provider_that_answers_in_time_only_when_it_is_asked_again_succeeds()
    {
        using var silo = Build(silo => AddStorage(silo, Fault.LateTwice));

        await ProbeAsync(silo);
    }

    [Fact]
    public async Task Start_with_a_provider_that_never_stores_the_largest_row_in_time_names_the_timeout_and_not_the_size()
    {
        using var silo = Build(silo => AddStorage(silo, Fault.LateAlways));

        var refusal = await RefusalAsync(() => ProbeAsync(silo));

        Assert.Contains("did not answer within ServerSession:StorageTimeout", refusal, StringComparison.Ordinal);
        Assert.DoesNotContain("TotalBytes", refusal, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Start_without_the_storage_says_what_to_add()
    {
        using var silo = Build(static _ => { });

        Assert.Contains("There is no grain storage named 'sessions'", await RefusalAsync(() => ProbeAsync(silo)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Start_with_wrong_options_names_all_of_them_at_once()
    {
        using var silo = Build(static silo => silo.AddServerSession(static options =>
        {
            options.OperationWindow = TimeSpan.Zero;
            options.TouchFraction = 2;
            options.CollectionAge = TimeSpan.FromSeconds(1);
        }));

        var refusal = await RefusalAsync(() => silo.StartAsync());

        Assert.Contains("ServerSession:OperationWindow", refusal, StringComparison.Ordinal);
        Assert.Contains("ServerSession:TouchFraction", refusal, StringComparison.Ordinal);
        Assert.Contains("ServerSession:CollectionAge", refusal, StringComparison.Ordinal);
    }

    private static IHost Build(Action<ISiloBuilder> configure)
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Logging.ClearProviders();
        builder.UseOrleans(silo =>
        {
            silo.UseLocalhostClustering();
            silo.AddServerSession();
            configure(silo);
        });
        return builder.Build();
    }

    /// <summary>
    /// The probe's own part of a silo's start. Orleans does not stop what a start that failed has begun, so a whole silo would leave its grain
    /// directory turning in a loop beside every other test of this process.
    /// </summary>
    private static async Task ProbeAsync(IHost silo)
    {
        var lifecycle = new SiloLifecycleSubject(silo.Services.GetRequiredService<ILogger<SiloLifecycleSubject>>());
        silo.Services.GetRequiredService<StorageProbeStartup>().Participate(lifecycle);
        await lifecycle.OnStart();
    }

    private static async Task<string> RefusalAsync(Func<Task> start) => Messages(await Assert.ThrowsAnyAsync<Exception>(start));

    private static void AddStorage(ISiloBuilder silo, Fault fault) =>
        silo.Services.AddKeyedSingleton<IGrainStorage>(SessionGrainOptions.StorageName, (services, name) => new FaultyProvider(
            new SharedMemoryGrainStorage(new SharedMemoryStore(), services.GetRequiredKeyedService<IGrainStorageSerializer>(name)), fault));

    private static string Messages(Exception? exception)
    {
        var text = "";
        for (; exception is not null; exception = exception.InnerException)
        {
            text += exception.Message + Environment.NewLine;
            text += string.Join(Environment.NewLine, (exception as AggregateException)?.InnerExceptions.Select(static inner => Messages(inner)) ?? []);
        }

        return text;
    }

    public enum Fault
    {
        KeepsRowsAfterClear,
        AcceptsSecondInsert,
        AcceptsStaleWrite,
        AcceptsStaleClear,
        LosesWrites,
        LateTwice,
        LateAlways,
    }

    private sealed class FaultyProvider(IGrainStorage inner, Fault fault) : IGrainStorage
    {
        private int _late;

        public Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) => inner.ReadStateAsync(stateName, grainId, grainState);

        public async Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
        {
            // The first call of the first attempt, then the large row of the next ones.
            var isLate = grainState.State is StoredPayload { Bytes.Length: > 1000 } || _late == 0;
            if (isLate && (fault == Fault.LateAlways || (fault == Fault.LateTwice && _late < 2)))
            {
                _late++;
                throw new TimeoutException();
            }

            if ((fault == Fault.AcceptsSecondInsert && grainState.ETag is null) || (fault == Fault.AcceptsStaleWrite && grainState.ETag is not null))
            {
                grainState.ETag = await EtagAsync<T>(stateName, grainId);
            }

            if (fault == Fault.LosesWrites && grainState.ETag is null && await EtagAsync<T>(stateName, grainId) is null)
            {
                var state = grainState.State;
                await inner.WriteStateAsync(stateName, grainId, grainState);
                await inner.ClearStateAsync(stateName, grainId, new GrainState<T>(state, grainState.ETag!));
                await inner.WriteStateAsync(stateName, grainId, new GrainState<T>(Activator.CreateInstance<T>()));
                return;
            }

            await inner.WriteStateAsync(stateName, grainId, grainState);
        }

        public async Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
        {
            if (fault == Fault.AcceptsStaleClear)
            {
                grainState.ETag = await EtagAsync<T>(stateName, grainId);
            }

            if (fault == Fault.KeepsRowsAfterClear)
            {
                await inner.WriteStateAsync(stateName, grainId, grainState);
                return;
            }

            await inner.ClearStateAsync(stateName, grainId, grainState);
        }

        private async Task<string?> EtagAsync<T>(string stateName, GrainId grainId)
        {
            var row = new GrainState<T>(Activator.CreateInstance<T>());
            await inner.ReadStateAsync(stateName, grainId, row);
            return row.ETag;
        }
    }
}
