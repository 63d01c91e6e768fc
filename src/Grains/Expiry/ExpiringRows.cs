using Orleans.Runtime;
using ServerSession.Core;

namespace ServerSession.Grains;

/// <summary>One kind of rows that the clean-up finds through its index.</summary>
internal abstract class ExpiringRows
{
    /// <summary>The state name of the rows.</summary>
    public abstract string State { get; }

    /// <summary>The type of the grains that own them.</summary>
    public abstract GrainType Type { get; }

    /// <summary>Reads from a row when it is worth a call to its grain; null where the row cannot be read.</summary>
    public abstract DateTimeOffset? ReadDue(ReadOnlySpan<byte> row);

    /// <summary>Asks the grain to remove what is due.</summary>
    public abstract ValueTask<ExpiryReply> ExpireAsync(Guid key);
}

/// <summary>The rows of sessions.</summary>
internal sealed class SessionRows(IGrainFactory grains) : ExpiringRows
{
    public override string State => SessionStorage.SessionState;

    public override GrainType Type { get; } = GrainType.Create("session");

    public override DateTimeOffset? ReadDue(ReadOnlySpan<byte> row) => SessionRowDue.Read(row);

    public override ValueTask<ExpiryReply> ExpireAsync(Guid key) => grains.GetGrain<ISessionGrain>(key).ExpireIfDueAsync();
}

/// <summary>The lists of subjects.</summary>
internal sealed class SubjectRows(IGrainFactory grains) : ExpiringRows
{
    public override string State => SubjectHeadRow.State;

    public override GrainType Type { get; } = SubjectGrain.Type;

    public override DateTimeOffset? ReadDue(ReadOnlySpan<byte> row) => SubjectCodec.ReadDue(row);

    public override ValueTask<ExpiryReply> ExpireAsync(Guid key) => grains.GetGrain<ISubjectGrain>(key).PruneAsync();
}
