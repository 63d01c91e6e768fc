using Orleans;
using Orleans.Runtime;

namespace ServerSession.Storage;

/// <summary>Refuses wrong options at start: all of them in one message, each with its configuration key and the fix.</summary>
internal sealed class SqliteGrainStorageOptionsValidator(SqliteGrainStorageOptions options, string name) : IConfigurationValidator
{
    private static readonly TimeSpan MaxLockTimeout = TimeSpan.FromHours(1);

    public void ValidateConfiguration()
    {
        List<string> errors = [];
        if (string.IsNullOrWhiteSpace(options.Path))
        {
            errors.Add($"{Key("Path")} is not set: give the database file, for example data/{name}.db.");
        }
        else if (options.Path.Contains('\0') || options.Path is ":memory:" || options.Path.StartsWith("file:", StringComparison.OrdinalIgnoreCase))
        {
            errors.Add($"{Key("Path")} must be the path of a file, not '{options.Path}': in-memory databases and file: addresses are not supported.");
        }

        if (options.LockTimeout < TimeSpan.Zero || options.LockTimeout > MaxLockTimeout)
        {
            errors.Add($"{Key("LockTimeout")} is {options.LockTimeout}: use 00:00:00 to {MaxLockTimeout} (default 00:00:10).");
        }

        CheckRange(errors, "MaxBatchSize", options.MaxBatchSize, 1, 10_000, 512);
        CheckRange(errors, "CheckpointPages", options.CheckpointPages, 1, 1_000_000, 1000);
        CheckRange(errors, "MaxIdleReaders", options.MaxIdleReaders, 1, 1000, 8);
        if (options.InitStage >= ServiceLifecycleStage.GrainDeactivation)
        {
            errors.Add($"{Key("InitStage")} is {options.InitStage}: it must be below {ServiceLifecycleStage.GrainDeactivation}, "
                + $"because grains write while they deactivate (default {ServiceLifecycleStage.RuntimeStorageServices}).");
        }

        if (errors.Count > 0)
        {
            throw new OrleansConfigurationException($"The SQLite grain storage '{name}' is misconfigured. {string.Join(" ", errors)}");
        }
    }

    private void CheckRange(List<string> errors, string option, int value, int least, int most, int usual)
    {
        if (value < least || value > most)
        {
            errors.Add(FormattableString.Invariant($"{Key(option)} is {value}: use {least} to {most} (default {usual})."));
        }
    }

    private string Key(string option) => SqliteGrainStorageConfiguration.Key(name, option);
}
