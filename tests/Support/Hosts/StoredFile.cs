using Microsoft.Data.Sqlite;

namespace ServerSession.Tests;

/// <summary>Looks into a store's file from outside.</summary>
public static class StoredFile
{
    /// <summary>
    /// What SQLite says of the whole file: "ok", or the faults. Done on a copy of the file and its log, because opening the original would
    /// recover it, which is the product's to do.
    /// </summary>
    public static string Integrity(string path)
    {
        using var folder = new TempFolder();
        foreach (var file in (string[])[path, path + "-wal"])
        {
            if (File.Exists(file))
            {
                File.Copy(file, folder[Path.GetFileName(file)]);
            }
        }

        return Scalar<string>(folder[Path.GetFileName(path)], "PRAGMA integrity_check;");
    }

    public static T Scalar<T>(string path, string sql)
    {
        using var connection = new SqliteConnection($"Data Source={path};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return (T)command.ExecuteScalar()!;
    }

    /// <summary>Changes the file of a process that has ended.</summary>
    public static void Execute(string path, string sql)
    {
        using var connection = new SqliteConnection($"Data Source={path};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}
