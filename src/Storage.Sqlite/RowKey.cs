using Orleans.Runtime;

namespace ServerSession.Storage;

/// <summary>What identifies a row: the state's name and the grain, in the columns and the order of the unique index.</summary>
internal readonly record struct RowKey(string StateName, GrainId Grain)
{
    public const int Columns = 3;

    /// <summary>Binds the key to the statement's first <see cref="Columns"/> parameters; the grain's bytes are passed without a copy of ours.</summary>
    public void Bind(SqliteStatement statement)
    {
        statement.Bind(1, IdSpan.UnsafeGetArray(Grain.Type.Value));
        statement.Bind(2, IdSpan.UnsafeGetArray(Grain.Key));
        statement.BindText(3, StateName);
    }
}
