using Microsoft.Data.Sqlite;
using Orleans.Runtime;

namespace ServerSession.Storage;

/// <summary>A connection for reading and its statements; used by one caller at a time.</summary>
internal sealed class Reader : IDisposable
{
    private readonly SqliteConnection _connection;
    private readonly SqliteStatement _read;

    public Reader(string path)
    {
        _connection = SqliteConnections.OpenReader(path);
        try
        {
            _read = new(_connection, "SELECT etag, value FROM grain_state WHERE grain_type=?1 AND grain_key=?2 AND state_name=?3");
        }
        catch
        {
            _connection.Dispose();
            throw;
        }
    }

    /// <summary>Reads a row as of the last commit; null if there is none.</summary>
    public StoredRow? Read(in RowKey key)
    {
        key.Bind(_read);
        try
        {
            return _read.Step() ? new(_read.Int64(0), _read.Blob(1).ToArray()) : null;
        }
        finally
        {
            _read.Reset();
        }
    }

    /// <summary>The grains that have a state of a name, in parts: those after a row's number, in the order of the numbers.</summary>
    /// <returns>The grains, and the number to go on after; null at the end.</returns>
    public (List<GrainId> Grains, long? Next) List(string stateName, long after, int limit)
    {
        using var list = new SqliteStatement(
            _connection, "SELECT rowid, grain_type, grain_key FROM grain_state WHERE rowid>?1 AND state_name=?2 ORDER BY rowid LIMIT ?3");
        list.Bind(1, after);
        list.BindText(2, stateName);
        list.Bind(3, limit);
        List<GrainId> grains = [];
        while (list.Step())
        {
            after = list.Int64(0);
            grains.Add(new GrainId(new GrainType(list.Blob(1).ToArray()), new IdSpan(list.Blob(2).ToArray())));
        }

        return (grains, grains.Count == limit ? after : null);
    }

    public long Count() => _connection.Scalar<long>("SELECT count(*) FROM grain_state;");

    public void Dispose()
    {
        _read.Dispose();
        _connection.Dispose();
    }
}
