using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace ServerSession.Storage;

/// <summary>Opens connections to a file that exists, for the writer and for readers.</summary>
internal static class SqliteConnections
{
    private const int BusyMilliseconds = 5000;

    // synchronous=FULL flushes the write-ahead log in every commit, which is what an acknowledgement promises; fullfsync does the same
    // where a plain flush stops at the drive's cache. secure_delete=ON zeroes what a deleted row leaves behind, also in freed pages.
    private const string WriterPragmas = """
        PRAGMA synchronous=FULL; PRAGMA fullfsync=ON; PRAGMA checkpoint_fullfsync=ON; PRAGMA secure_delete=ON;
        PRAGMA wal_autocheckpoint=0; PRAGMA journal_size_limit=16777216; PRAGMA cache_size=-16384; PRAGMA temp_store=MEMORY;
        """;

    private const string ReaderPragmas = "PRAGMA query_only=ON; PRAGMA cache_size=-2048;";

    /// <summary>Opens the file and changes nothing in it.</summary>
    public static SqliteConnection Open(string path)
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder
        {
            DataSource = path,
            Mode = SqliteOpenMode.ReadWrite,
            Pooling = false,
        }.ToString());
        try
        {
            connection.Open();
            raw.sqlite3_busy_timeout(connection.Handle!, BusyMilliseconds);
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    public static SqliteConnection OpenWriter(SqliteSettings settings)
    {
        var connection = Open(settings.Path);
        try
        {
            connection.RemoveLogOnClose(false);
            connection.Execute(WriterPragmas);
            if (settings.MaxPageCount is { } pages)
            {
                connection.Execute(FormattableString.Invariant($"PRAGMA max_page_count={pages};"));
            }

            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Opens the connection that keeps the log while it is open: the writer closes after each failure, and without it the log would go and come
    /// back as another file.
    /// </summary>
    public static SqliteConnection OpenKeeper(string path)
    {
        var connection = Open(path);
        try
        {
            connection.Scalar<long>("SELECT count(*) FROM sqlite_master;");
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    public static SqliteConnection OpenReader(string path)
    {
        var connection = Open(path);
        try
        {
            connection.RemoveLogOnClose(false);
            connection.Execute(ReaderPragmas);
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Says whether the connection, where it is the last one to close, moves the log into the file and removes it. SQLite removes it by its path,
    /// whatever lies there by then.
    /// </summary>
    public static void RemoveLogOnClose(this SqliteConnection connection, bool remove) =>
        raw.sqlite3_db_config(connection.Handle!, raw.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, remove ? 0 : 1, out _);

    /// <summary>Moves the log, or a part of it, into the file.</summary>
    /// <returns>Whether nothing is left to move, so that the next transaction may begin the log again.</returns>
    public static bool Checkpoint(this SqliteConnection connection, int mode)
    {
        var result = raw.sqlite3_wal_checkpoint_v2(connection.Handle!, "main", mode, out var logged, out var moved);
        if (result is not (raw.SQLITE_OK or raw.SQLITE_BUSY))
        {
            SqliteException.ThrowExceptionForRC(result, connection.Handle!);
        }

        return result == raw.SQLITE_OK && logged == moved;
    }

    public static void Execute(this SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    public static T Scalar<T>(this SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return (T)command.ExecuteScalar()!;
    }
}
