using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace ServerSession.Storage;

/// <summary>
/// Ties the write-ahead log to the database file. SQLite replays a log over whatever file lies beside it, so that a backup put back without
/// taking the log away becomes a mixture of two states. The first transaction of each log therefore writes a fresh stamp, and with it the one that
/// the file had when the log began: a file with neither of the two is not the one that the log was written for.
/// </summary>
/// <remarks>
/// A log begins again only in the first transaction after a checkpoint that moved all of it. The stamp before is the file's then, and moving the log
/// brings the stamp after. So the file has one of the two at any moment, also after a kill in the middle of a checkpoint.
/// </remarks>
internal static class LogStamp
{
    private const int LogHeader = 32;
    private const string Create = "CREATE TABLE IF NOT EXISTS log_stamp (id INTEGER PRIMARY KEY CHECK (id=1), before BLOB, after BLOB NOT NULL) STRICT;";
    private const string Read = "SELECT before, after FROM log_stamp WHERE id=1;";

    /// <summary>Writes a stamp; part of the log's first transaction. The parameter is the file's stamp, or null.</summary>
    public const string Write = "INSERT INTO log_stamp (id, before, after) VALUES (1, ?1, randomblob(16)) ON CONFLICT (id) DO UPDATE SET before=?1, after=randomblob(16)";

    /// <summary>Reads the stamp that is in force.</summary>
    public const string Current = "SELECT after FROM log_stamp WHERE id=1";

    /// <summary>Adds the table to a file that has none.</summary>
    public static void Prepare(SqliteConnection connection) => connection.Execute(Create);

    /// <summary>What the file beside a log says; null where there is no log, or the file cannot be read without it.</summary>
    /// <remarks>To be called before SQLite has the file open, because it opens it in a way that takes no locks.</remarks>
    public static Stamp? OfFileAlone(string path)
    {
        if (new FileInfo(path + "-wal") is not { Exists: true, Length: > LogHeader })
        {
            return null;
        }

        try
        {
            using var connection = new SqliteConnection(new SqliteConnectionStringBuilder
            {
                DataSource = new Uri(path).AbsoluteUri + "?immutable=1",
                Mode = SqliteOpenMode.ReadOnly,
                Pooling = false,
            }.ToString());
            connection.Open();
            return Find(connection);
        }
        catch (SqliteException)
        {
            // A kill in the middle of a checkpoint may leave a file that only its log makes whole.
            return null;
        }
    }

    /// <summary>Refuses a log that was not written for the file.</summary>
    /// <param name="connection">A connection that sees the file and the log.</param>
    /// <param name="path">The file.</param>
    /// <param name="file">The stamp of the file alone.</param>
    public static void ThrowIfForeign(SqliteConnection connection, string path, Stamp? file)
    {
        if (file is not { } alone)
        {
            return;
        }

        var both = Find(connection);
        if (both.After != alone.After && both.Before != alone.After)
        {
            throw SqliteErrors.ForeignLog(path);
        }
    }

    private static Stamp Find(SqliteConnection connection)
    {
        if (connection.Scalar<long>("SELECT count(*) FROM sqlite_master WHERE type='table' AND name='log_stamp';") == 0)
        {
            return default;
        }

        using var command = connection.CreateCommand();
        command.CommandText = Read;
        using var reader = command.ExecuteReader();
        return reader.Read()
            ? new(reader.IsDBNull(0) ? null : Convert.ToHexString((byte[])reader[0]), Convert.ToHexString((byte[])reader[1]))
            : default;
    }

    /// <summary>The stamp before a log began and the one that it brought; null where there was none.</summary>
    internal readonly record struct Stamp(string? Before, string? After);
}
