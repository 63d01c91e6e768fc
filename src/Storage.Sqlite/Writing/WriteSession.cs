using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace ServerSession.Storage;

/// <summary>The writer's connection and its statements. Used by one thread; after a transaction failed it is thrown away.</summary>
internal sealed class WriteSession : IDisposable
{
    private const int CacheWrites = 9; // SQLITE_DBSTATUS_CACHE_WRITE: pages written, which in WAL mode is pages logged
    private const int PageSize = 4096;
    private const string Key = "grain_type=?1 AND grain_key=?2 AND state_name=?3";

    private readonly SqliteConnection _connection;
    private readonly SqliteStatement _begin;
    private readonly SqliteStatement _commit;
    private readonly SqliteStatement _insert;
    private readonly SqliteStatement _update;
    private readonly SqliteStatement _delete;
    private readonly SqliteStatement _find;
    private readonly SqliteStatement _stamp;
    private readonly SqliteStatement _currentStamp;
    private readonly LogState _log;
    private long _etag = Etag.RandomStart();
    private int _pagesLogged;

    public WriteSession(SqliteSettings settings, LogState log)
    {
        _log = log;
        _connection = SqliteConnections.OpenWriter(settings);
        try
        {
            _begin = new(_connection, "BEGIN IMMEDIATE");
            _commit = new(_connection, "COMMIT");
            _insert = new(_connection,
                "INSERT INTO grain_state (grain_type, grain_key, state_name, etag, value) VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT DO NOTHING");
            _update = new(_connection, $"UPDATE grain_state SET etag=?4, value=?5 WHERE {Key} AND etag=?6");
            _delete = new(_connection, $"DELETE FROM grain_state WHERE {Key} AND etag=?4");
            _find = new(_connection, $"SELECT etag FROM grain_state WHERE {Key}");
            _stamp = new(_connection, LogStamp.Write);
            _currentStamp = new(_connection, LogStamp.Current);
            _pagesLogged = PagesIn(settings.Path + "-wal");
        }
        catch
        {
            _connection.Dispose();
            throw;
        }
    }

    /// <summary>To be called once, after the file was opened: moves what a predecessor left in the log, so that a new one can begin.</summary>
    public void BeginLog() => Checkpoint(raw.SQLITE_CHECKPOINT_PASSIVE);

    public void Begin()
    {
        _begin.Run();
        if (_log.IsStampDue)
        {
            _stamp.BindOrNull(1, _log.FileStamp);
            _stamp.Run();
        }
    }

    public void Commit()
    {
        _commit.Run();
        _log.IsStampDue = false;
    }

    /// <summary>Does one write inside the open transaction. An ETag that does not match is an outcome, not an error.</summary>
    public WriteOutcome Apply(WriteRequest request)
    {
        switch (request.Kind)
        {
            case WriteKind.Insert:
                return Write(_insert, request);
            case WriteKind.Update:
                _update.Bind(6, request.Expected);
                return Write(_update, request);
            case WriteKind.Delete:
                request.Key.Bind(_delete);
                _delete.Bind(4, request.Expected);
                return _delete.Run() == 1 ? new(true, null) : new(false, Find(request.Key));
            case WriteKind.ExpectNone:
                var stored = Find(request.Key);
                return new(stored is null, stored);
            default:
                throw new InvalidOperationException($"Unknown write {request.Kind}.");
        }
    }

    /// <summary>Moves what was logged into the database file once there is enough of it. A reader in the way leaves the rest for the next time.</summary>
    /// <returns>Whether it was due, and done.</returns>
    public bool CheckpointWhenDue(int pages)
    {
        raw.sqlite3_db_status(_connection.Handle!, CacheWrites, out var written, out _, 1);
        _pagesLogged += written;
        if (_pagesLogged < pages)
        {
            return false;
        }

        // Only a move that succeeded lets the log grow again: on a disk that is nearly full, the log would take the last of it.
        Checkpoint(raw.SQLITE_CHECKPOINT_PASSIVE);
        _pagesLogged = 0;
        return true;
    }

    /// <summary>Moves everything into the database file and empties the log, so that no deleted row lingers in it.</summary>
    public void Truncate() => Checkpoint(raw.SQLITE_CHECKPOINT_TRUNCATE);

    public void Dispose()
    {
        _begin.Dispose();
        _commit.Dispose();
        _insert.Dispose();
        _update.Dispose();
        _delete.Dispose();
        _find.Dispose();
        _stamp.Dispose();
        _currentStamp.Dispose();
        _connection.Dispose();
    }

    // What a predecessor whose transaction failed, or whose process was killed, has left in the log.
    private static int PagesIn(string log) => new FileInfo(log) is { Exists: true, Length: var length } ? (int)Math.Min(length / PageSize, int.MaxValue / 2) : 0;

    private WriteOutcome Write(SqliteStatement statement, WriteRequest request)
    {
        var etag = unchecked(++_etag);
        request.Key.Bind(statement);
        statement.Bind(4, etag);
        statement.Bind(5, request.Value.Span);
        return statement.Run() == 1 ? new(true, etag) : new(false, Find(request.Key));
    }

    private long? Find(in RowKey key)
    {
        key.Bind(_find);
        try
        {
            return _find.Step() ? _find.Int64(0) : null;
        }
        finally
        {
            _find.Reset();
        }
    }

    private void Checkpoint(int mode)
    {
        if (_connection.Checkpoint(mode))
        {
            _log.FileStamp = CurrentStamp();
            _log.IsStampDue = true;
        }
    }

    private byte[]? CurrentStamp()
    {
        try
        {
            return _currentStamp.Step() ? _currentStamp.Blob(0).ToArray() : null;
        }
        finally
        {
            _currentStamp.Reset();
        }
    }
}
