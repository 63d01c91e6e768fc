using Microsoft.Data.Sqlite;

namespace ServerSession.Storage;

/// <summary>
/// The tables, and the marks in the file's header by which a file is known: application_id says whose it is, user_version
/// says which form it has. A file that is not ours is refused before anything in it is changed.
/// </summary>
internal static class SqliteSchema
{
    public const long ApplicationId = 0x53534F31; // "SSO1"
    public const long Version = 1;

    // A rowid table with an index, not WITHOUT ROWID: values of some KB would make every level of a clustered tree wide and deep.
    private const string Create = """
        CREATE TABLE grain_state (
            grain_type BLOB NOT NULL,
            grain_key BLOB NOT NULL,
            state_name TEXT NOT NULL,
            etag INTEGER NOT NULL,
            value BLOB NOT NULL,
            UNIQUE (grain_type, grain_key, state_name)
        ) STRICT;
        """;

    public static void Prepare(SqliteSettings settings)
    {
        var fileAlone = LogStamp.OfFileAlone(settings.Path);
        using var connection = SqliteConnections.Open(settings.Path);
        connection.RemoveLogOnClose(false); // what is refused stays as it is
        var isNew = CheckOwner(connection, settings.Path);
        LogStamp.ThrowIfForeign(connection, settings.Path, fileAlone);
        connection.Execute("PRAGMA secure_delete=ON;");
        if (connection.Scalar<string>("PRAGMA journal_mode=WAL;") is not "wal")
        {
            throw new SqliteGrainStorageException($"The session store '{settings.Path}' lies on a file system without the shared memory that "
                + "SQLite's write-ahead log needs. Put it on a local disk, not on a network share.");
        }

        connection.Execute("PRAGMA synchronous=FULL; PRAGMA fullfsync=ON;");
        if (isNew)
        {
            using var transaction = connection.BeginTransaction();
            connection.Execute(FormattableString.Invariant(
                $"{Create} PRAGMA application_id={ApplicationId}; PRAGMA user_version={Version};"));
            transaction.Commit();
        }
        else if (settings.CheckAtStart && connection.Scalar<string>("PRAGMA quick_check(1);") is var found and not "ok")
        {
            throw SqliteErrors.Explain(settings.Path, new SqliteException(found, SQLitePCL.raw.SQLITE_CORRUPT));
        }

        LogStamp.Prepare(connection);
        connection.RemoveLogOnClose(true);
    }

    private static bool CheckOwner(SqliteConnection connection, string path)
    {
        var application = connection.Scalar<long>("PRAGMA application_id;");
        var version = connection.Scalar<long>("PRAGMA user_version;");
        if (application == 0 && version == 0 && connection.Scalar<long>("SELECT count(*) FROM sqlite_master;") == 0)
        {
            return true;
        }

        if (application != ApplicationId)
        {
            throw new SqliteGrainStorageException(SqliteErrors.NotOurs(path));
        }

        return version switch
        {
            Version => false,
            > Version => throw new SqliteGrainStorageException(FormattableString.Invariant(
                $"The session store '{path}' was written by a newer version of this software (its form is {version}, this version knows up to {Version}). ")
                + "It was left as it is: run that version, or set another Path."),
            _ => throw new SqliteGrainStorageException(FormattableString.Invariant(
                $"The session store '{path}' has the unknown form {version}. It was left as it is: put back a backup, or set another Path.")),
        };
    }
}
