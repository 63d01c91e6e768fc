using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;

namespace ServerSession.Storage;

/// <summary>A database file that this process owns: the owner's lock, the watch over its files, the writer and the readers.</summary>
internal sealed partial class SqliteFile
{
    private static readonly TimeSpan LookInterval = TimeSpan.FromMilliseconds(250);

    private readonly OwnerLock _owner;
    private readonly SqliteConnection _keeper;
    private readonly FileWatch _watch;
    private readonly ITimer _looks;
    private readonly ILogger _logger;

    private SqliteFile(SqliteSettings settings, OwnerLock owner, SqliteConnection keeper, FileWatch watch, GroupWriter writer, ILogger logger)
    {
        Settings = settings;
        _owner = owner;
        _keeper = keeper;
        _watch = watch;
        _logger = logger;
        Writer = writer;
        Readers = new(settings);
        _looks = TimeProvider.System.CreateTimer(static file => ((SqliteFile)file!).Look(), this, LookInterval, LookInterval);
    }

    public SqliteSettings Settings { get; }

    public GroupWriter Writer { get; }

    public ReaderPool Readers { get; }

    /// <summary>Why the store serves nothing any more; null while it does.</summary>
    public string? Failure => _watch.Loss?.Message;

    /// <exception cref="SqliteGrainStorageException">The file cannot be used; whatever was in it is untouched.</exception>
    public static async Task<SqliteFile> OpenAsync(
        SqliteSettings settings, SqliteMetrics metrics, ILogger logger, Action waiting, CancellationToken cancellationToken)
    {
        OwnerLock? owner = null;
        SqliteConnection? keeper = null;
        try
        {
            OwnerFiles.MakeFolder(settings.Path);
            owner = await OwnerLock.TakeAsync(settings.Path, settings.LockTimeout, waiting, cancellationToken);
            if (OwnerFiles.MakePrivate(settings.Path) is { } open)
            {
                LogReadableByOthers(logger, open);
            }

            SqliteSchema.Prepare(settings);
            keeper = SqliteConnections.OpenKeeper(settings.Path);
            var watch = FileWatch.Start(settings.Path, owner);
            return new(settings, owner, keeper, watch, new(settings, watch, metrics, logger), logger);
        }
        catch (Exception error)
        {
            keeper?.Dispose();
            owner?.Dispose();
            if (error is OperationCanceledException or SqliteGrainStorageException)
            {
                throw;
            }

            throw SqliteErrors.Explain(settings.Path, error);
        }
    }

    /// <exception cref="SqliteGrainStorageException">A file of the store was removed or replaced.</exception>
    public void ThrowIfLost()
    {
        if (_watch.Loss is { } loss)
        {
            throw SqliteErrors.Explain(Settings.Path, loss);
        }
    }

    /// <summary>Writes what is queued, empties the log and lets go of the file. If the disk hangs, the lock is kept until it no longer does.</summary>
    public async Task CloseAsync()
    {
        var drained = Writer.DisposeAsync();
        Readers.Close();
        await drained.ConfigureAwait(false);
        await _looks.DisposeAsync().ConfigureAwait(false);
        Look();

        if (_watch.Loss is not null)
        {
            // What lies at the paths by now may be another's: nothing there may be removed.
            _keeper.RemoveLogOnClose(false);
            SaveLog();
        }

        _keeper.Dispose();
        _owner.Dispose();
    }

    /// <summary>Moves what was acknowledged and stands in a lost log alone into the database file. Only a connection from before the loss has that log open.</summary>
    private void SaveLog()
    {
        try
        {
            if (_watch.IsOnlyLogLost)
            {
                _keeper.Checkpoint(SQLitePCL.raw.SQLITE_CHECKPOINT_PASSIVE);
            }
        }
        catch (SqliteException error)
        {
            LogNotSaved(_logger, error, Settings.Path);
        }
    }

    private void Look()
    {
        if (_watch.Look())
        {
            LogLost(_logger, _watch.Loss!.Message);
        }
    }
}
