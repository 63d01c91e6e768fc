using Microsoft.Extensions.Logging;
using Orleans.Runtime;

namespace ServerSession.Storage;

/// <summary>The files that this silo has open. Providers that name the same file share it; the last to leave closes it.</summary>
internal sealed partial class SqliteFiles(SqliteMetrics metrics, ILogger<SqliteFiles> logger) : IDisposable
{
    private readonly SemaphoreSlim _gate = new(1, 1);
    private readonly Dictionary<string, Shared> _files = new(OperatingSystem.IsWindows() ? StringComparer.OrdinalIgnoreCase : StringComparer.Ordinal);

    public async Task<SqliteFile> OpenAsync(string name, SqliteSettings settings, CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken);
        try
        {
            if (_files.TryGetValue(settings.Path, out var shared))
            {
                if (shared.File.Settings != settings)
                {
                    throw new OrleansConfigurationException($"The SQLite grain storages '{shared.FirstUser}' and '{name}' share the file '{settings.Path}' but differ "
                        + $"in their options. Give them the same LockTimeout, MaxBatchSize, CheckpointPages, MaxIdleReaders and CheckAtStart, or set "
                        + $"{SqliteGrainStorageConfiguration.Key(name, "Path")} to another file.");
                }
            }
            else
            {
                var start = TimeProvider.System.GetTimestamp();
                var file = await SqliteFile.OpenAsync(settings, metrics, logger, () => LogWaiting(settings.Path, settings.LockTimeout), cancellationToken);
                var duration = TimeProvider.System.GetElapsedTime(start);
                LogOpened(settings.Path, duration);
                _files.Add(settings.Path, shared = new(name, file));
            }

            shared.Users++;
            return shared.File;
        }
        finally
        {
            _gate.Release();
        }
    }

    public async Task CloseAsync(SqliteFile file)
    {
        await _gate.WaitAsync().ConfigureAwait(false);
        try
        {
            if (--_files[file.Settings.Path].Users > 0)
            {
                return;
            }

            _files.Remove(file.Settings.Path);
            await file.CloseAsync().ConfigureAwait(false);
            LogClosed(file.Settings.Path);
        }
        finally
        {
            _gate.Release();
        }
    }

    public void Dispose() => _gate.Dispose();

    private sealed class Shared(string firstUser, SqliteFile file)
    {
        public string FirstUser => firstUser;

        public SqliteFile File => file;

        public int Users { get; set; }
    }
}
