using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace ServerSession.Storage;

/// <summary>Turns errors of SQLite and of the operating system into sentences for the reader: the file, what happened, the fix.</summary>
internal static class SqliteErrors
{
    public static SqliteGrainStorageException Explain(string path, Exception error) => error switch
    {
        SqliteGrainStorageException known => new(known.Message, known.InnerException ?? known),
        SqliteException sqlite => new(Explain(path, sqlite), sqlite),
        UnauthorizedAccessException => new($"No permission for the session store '{path}': give the account of this process "
            + "read and write permission on the file and its folder, or set another Path.", error),
        IOException => new($"The session store '{path}' cannot be used: {error.Message} "
            + "Check that its folder exists, is writable and has free space, or set another Path.", error),
        _ => new($"The session store '{path}' failed: {error.Message}", error),
    };

    public static SqliteGrainStorageException NotOpen(string name) =>
        new($"The grain storage '{name}' is not open: its silo has not reached the storage's InitStage yet, or it has stopped.");

    public static SqliteGrainStorageException Lost(string path, LostFile kind, string file, bool isReplaced) => new(
        $"The file '{file}' of the session store '{path}' was {(isReplaced ? "replaced by another one" : "removed")} while this process had it open. What is "
        + "written now would not be found at the next start, so the store serves nothing any more. " + kind switch
        {
            LostFile.Database => "Put the file back, or a backup of it without the files that end in -wal and -shm, and start this process again. ",
            LostFile.Log => "Stop this process as planned, not with a kill: it then moves what it acknowledged into the database file. Start it again. ",
            _ => "Start this process again. ",
        } + "Leave all files of the store where they are while a process uses them.");

    public static SqliteGrainStorageException ForeignLog(string path) => new(
        $"The write-ahead log '{path}-wal' was not written for the session store '{path}' beside it: an older or newer file lies there. Replayed over it, it "
        + $"would bring ended sessions back and lose others. Nothing was changed. To start with the file as it is (a backup that was put back), move '{path}-wal' and "
        + $"'{path}-shm' away; to keep what the log has, put back the file that it was written for.");

    private static string Explain(string path, SqliteException error) => error.SqliteErrorCode switch
    {
        raw.SQLITE_FULL => $"The disk that holds the session store '{path}' is full. Free some space on it: the store then goes on by itself.",
        raw.SQLITE_READONLY or raw.SQLITE_PERM => $"The session store '{path}' is read-only. "
            + "Make the file and its folder writable for the account of this process, or set another Path.",
        raw.SQLITE_CANTOPEN => $"The session store '{path}' cannot be opened. Check that the path is a file, not a folder, and that "
            + "this process may read and write it, its folder, and the files beside it that end in -wal and -shm.",
        raw.SQLITE_CORRUPT => $"The session store '{path}' is damaged ({error.Message}). Stop the silo, move the file away together with those "
            + "beside it that end in -wal and -shm, and put back a backup, or start with an empty store.",
        raw.SQLITE_NOTADB => NotOurs(path),
        raw.SQLITE_BUSY or raw.SQLITE_LOCKED => $"Another program holds a lock on the session store '{path}'. "
            + "End its transaction (a database browser or a backup tool, perhaps): the store then goes on by itself.",
        raw.SQLITE_IOERR => $"Reading or writing the session store '{path}' failed ({error.Message}). Check the disk and its free space: "
            + "the store tries again with every write.",
        raw.SQLITE_NOMEM => $"There was no memory left for the session store '{path}'. Give the process more memory.",
        raw.SQLITE_TOOBIG => $"A value is larger than the session store '{path}' can keep in one row (about 1 GB). Store less in it.",
        _ => $"The session store '{path}' failed: {error.Message}",
    };

    public static string NotOurs(string path) => $"'{path}' is not a session store, but some other file. It was left as it is: set another Path.";
}
