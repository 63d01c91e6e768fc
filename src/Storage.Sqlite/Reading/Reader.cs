using Microsoft.Data.Sqlite;

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

    public long Count() => _connection.Scalar<long>("SELECT count(*) FROM grain_state;");

    public void Dispose()
    {
        _read.Dispose();
        _connection.Dispose();
    }
}
