using Microsoft.Extensions.Logging;

namespace ServerSession.Storage;

/// <summary>A database file that this process owns: the owner's lock, the writer and the readers.</summary>
internal sealed class SqliteFile
{
    private readonly OwnerLock _owner;

    private SqliteFile(SqliteSettings settings, OwnerLock owner, GroupWriter writer)
    {
        Settings = settings;
        _owner = owner;
        Writer = writer;
        Readers = new(settings);
    }

    public SqliteSettings Settings { get; }

    public GroupWriter Writer { get; }

    public ReaderPool Readers { get; }

    /// <exception cref="SqliteGrainStorageException">The file cannot be used; whatever was in it is untouched.</exception>
    public static async Task<SqliteFile> OpenAsync(
        SqliteSettings settings, SqliteMetrics metrics, ILogger logger, Action waiting, CancellationToken cancellationToken)
    {
        OwnerLock? owner = null;
        try
        {
            OwnerFiles.MakeFolder(settings.Path);
            owner = await OwnerLock.TakeAsync(settings.Path, settings.LockTimeout, waiting, cancellationToken);
            OwnerFiles.MakePrivate(settings.Path);
            SqliteSchema.Prepare(settings);
            return new(settings, owner, new(settings, metrics, logger));
        }
        catch (Exception error)
        {
            owner?.Dispose();
            if (error is OperationCanceledException or SqliteGrainStorageException)
            {
                throw;
            }

            throw SqliteErrors.Explain(settings.Path, error);
        }
    }

    /// <summary>Writes what is queued, empties the log and lets go of the file. If the disk hangs, the lock is kept until it no longer does.</summary>
    public async Task CloseAsync()
    {
        var drained = Writer.DisposeAsync();
        Readers.Close();
        await drained.ConfigureAwait(false);
        _owner.Dispose();
    }
}
