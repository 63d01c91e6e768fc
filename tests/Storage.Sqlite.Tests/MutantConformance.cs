using System.Reflection;

namespace ServerSession.Tests.Storage;

/// <summary>The suite over a store that is broken in one way. It is not public, so only <see cref="MutantTests"/> runs it.</summary>
internal sealed class MutantConformance(Func<IGrainStorage, IGrainStorage> breakIt, bool forgetsOnClose, TimeSpan callLimit) : GrainStorageConformance
{
    private SharedMemoryStore _store = new();

    public static IReadOnlyList<MethodInfo> Facts { get; } =
        [.. typeof(GrainStorageConformance).GetMethods().Where(method => method.GetCustomAttribute<FactAttribute>() is not null)];

    protected override TimeSpan CallLimit => callLimit;

    /// <summary>Runs every fact, each on a separate store, and returns the names of those that failed.</summary>
    /// <param name="breakIt">Makes the store.</param>
    /// <param name="forgetsOnClose">Whether the store forgets its rows when it is closed.</param>
    /// <param name="callLimit">How long a call may take; by default longer than a machine stands still.</param>
    public static async Task<IReadOnlySet<string>> FailuresAsync(Func<IGrainStorage, IGrainStorage> breakIt, bool forgetsOnClose = false, TimeSpan? callLimit = null)
    {
        var results = await Task.WhenAll(Facts.Select(fact => Task.Run(async () =>
        {
            var suite = new MutantConformance(breakIt, forgetsOnClose, callLimit ?? Eventually.Patience);
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

    protected override ValueTask<IGrainStorage> OpenAsync() => new(breakIt(new SharedMemoryGrainStorage(_store, RawBytesSerializer.Instance)));

    protected override ValueTask CloseAsync()
    {
        if (forgetsOnClose)
        {
            _store = new();
        }

        return ValueTask.CompletedTask;
    }

    protected override ValueTask<long> CountRowsAsync() => new(_store.Count);
}
