using System.Buffers;
using System.Text;
using ServerSession.Core;

namespace ServerSession.Storage;

/// <summary>
/// The stored form of a session: one version byte, then numbered fields. Numbers are never reused. Fields that a silo does not know are kept and
/// written back with every store, so silos of two versions can share a store while a cluster is updated. That holds for fields of the record itself:
/// a new version adds its fields there, not inside an entry or an operation.
/// </summary>
/// <remarks>
/// <code>
/// record    = version(0x01) field*
/// 1 tombstone   2 created at   3 last access   4 idle timeout   5 absolute lifetime   6 durability   7 write-behind interval
/// 8 verifier hash   9 previous verifier hash   10 rotated at   11 version   12 create ends at
/// 13 entry*     { 1 key  2 kind  3 value }
/// 14 operations* (see OperationLogCodec)   15 operations expired through
/// 16 subject   17 number in the subject's list   18 epoch of the cluster
/// then the fields of a newer version, as they were read
/// times are ticks of UTC, spans are ticks
/// </code>
/// </remarks>
internal static class SessionRecordCodec
{
    public const byte Version = 1;

    private const int EntryOverhead = 24;
    private const int OperationsReserve = 16 * 1024;

    /// <summary>The size that the row of a full session may have, in bytes: its data, what describes each key, and the operations of the last window.</summary>
    public static int LargestSize(SessionLimits limits) => limits.TotalBytes + (limits.Keys * EntryOverhead) + OperationsReserve;

    public static byte[] Encode(SessionState state, DateTimeOffset lastAccess)
    {
        var output = Rent();
        var writer = new FieldWriter(output);
        var snapshot = state.Snapshot;
        writer.Number(2, snapshot.CreatedAt.UtcTicks);
        writer.Number(3, lastAccess.UtcTicks);
        writer.Number(4, snapshot.Terms.IdleTimeout.Ticks);
        writer.Number(5, snapshot.Terms.AbsoluteLifetime.Ticks);
        writer.Number(6, (ulong)snapshot.Terms.Durability);
        writer.Number(7, snapshot.Terms.WriteBehindInterval.Ticks);
        WriteHash(writer, 8, state.Verifier);
        if (!state.Previous.IsDefault)
        {
            WriteHash(writer, 9, state.Previous);
            writer.Number(10, state.RotatedAt.UtcTicks);
        }

        writer.Number(11, snapshot.Version);
        writer.Number(12, state.CreateEndsAt.UtcTicks);
        WriteEntries(writer, snapshot.Data);
        OperationLogCodec.Write(writer, state.Operations);
        WriteBinding(writer, state);
        writer.Fields(state.UnknownFields);
        return output.WrittenSpan.ToArray();
    }

    public static byte[] EncodeTombstone(DateTimeOffset createEndsAt)
    {
        var output = Rent();
        var writer = new FieldWriter(output);
        writer.Number(1, 1UL);
        writer.Number(12, createEndsAt.UtcTicks);
        return output.WrittenSpan.ToArray();
    }

    /// <summary>Reads a stored session.</summary>
    /// <exception cref="InvalidDataException">The bytes are no session.</exception>
    /// <exception cref="NotSupportedException">The bytes are of a newer version.</exception>
    public static SessionRecord Decode(ReadOnlyMemory<byte> source)
    {
        if (source.Length == 0 || source.Span[0] == 0)
        {
            throw FieldReader.Broken();
        }

        if (source.Span[0] > Version)
        {
            throw new NotSupportedException(
                $"The stored session has format {source.Span[0]}; this silo reads up to format {Version}. Update this silo.");
        }

        return new SessionRecordReader(source[1..]).Read();
    }

    private static void WriteEntries(FieldWriter writer, SessionData data)
    {
        foreach (var entry in data.Entries)
        {
            var kind = (ulong)entry.Value.Kind;
            var size = FieldWriter.BytesSize(1, Encoding.UTF8.GetByteCount(entry.Key)) + FieldWriter.BytesSize(3, entry.Value.Bytes.Length);
            writer.Begin(13, kind == 0 ? size : size + FieldWriter.NumberSize(2, kind));
            writer.Text(1, entry.Key);
            if (kind != 0)
            {
                writer.Number(2, kind);
            }

            writer.Bytes(3, entry.Value.Bytes.Span);
        }
    }

    /// <summary>Left out where there is none, so that the row of a session without a subject is as it was before subjects.</summary>
    private static void WriteBinding(FieldWriter writer, SessionState state)
    {
        if (state.Binding is { } binding)
        {
            Span<byte> subject = stackalloc byte[SubjectKey.Size];
            binding.Subject.WriteTo(subject);
            writer.Bytes(16, subject);
            writer.Number(17, binding.Number);
        }

        if (state.Epoch != 0)
        {
            writer.Number(18, state.Epoch);
        }
    }

    private static void WriteHash(FieldWriter writer, int field, VerifierHash hash)
    {
        Span<byte> bytes = stackalloc byte[VerifierHash.Size];
        hash.WriteTo(bytes);
        writer.Bytes(field, bytes);
    }

    private static ArrayBufferWriter<byte> Rent()
    {
        var buffer = EncodeBuffers.Rent(0);
        buffer.GetSpan(1)[0] = Version;
        buffer.Advance(1);
        return buffer;
    }
}
