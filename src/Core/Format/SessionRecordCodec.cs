using System.Text;

namespace ServerSession.Core;

/// <summary>
/// The stored form of a session: a protobuf message (see <see cref="StoredForm"/>) of the fields in <see cref="SessionField"/>. Fields that a silo does not know
/// are kept and written back with every store, so silos of two versions can share a store while a cluster is updated. That holds for fields of the record
/// itself: a new version adds its fields there, not inside an entry or an operation.
/// </summary>
public static class SessionRecordCodec
{
    private const int EntryOverhead = 24;
    private const int OperationsReserve = 16 * 1024;

    /// <summary>The size that the row of a full session may have, in bytes: its data, what describes each key, and the operations of the last window.</summary>
    public static int LargestSize(SessionLimits limits) => limits.TotalBytes + (limits.Keys * EntryOverhead) + OperationsReserve;

    public static byte[] Encode(SessionState state, DateTimeOffset lastAccess)
    {
        var output = EncodeBuffers.Rent(0);
        var writer = StoredForm.Begin(output);
        var snapshot = state.Snapshot;
        writer.Number(SessionField.CreatedAt, snapshot.CreatedAt.UtcTicks);
        writer.Number(SessionField.LastAccess, lastAccess.UtcTicks);
        writer.Number(SessionField.IdleTimeout, snapshot.Terms.IdleTimeout.Ticks);
        writer.Number(SessionField.AbsoluteLifetime, snapshot.Terms.AbsoluteLifetime.Ticks);
        writer.Number(SessionField.Durability, (ulong)snapshot.Terms.Durability);
        writer.Number(SessionField.WriteBehindInterval, snapshot.Terms.WriteBehindInterval.Ticks);
        WriteHash(writer, SessionField.Verifier, state.Verifier);
        if (!state.Previous.IsDefault)
        {
            WriteHash(writer, SessionField.Previous, state.Previous);
            writer.Number(SessionField.RotatedAt, state.RotatedAt.UtcTicks);
        }

        writer.Number(SessionField.Version, snapshot.Version);
        writer.Number(SessionField.CreateEndsAt, state.CreateEndsAt.UtcTicks);
        WriteEntries(writer, snapshot.Data);
        WriteOperations(writer, state.Operations);
        WriteBinding(writer, state);
        writer.Fields(state.UnknownFields);
        return output.WrittenSpan.ToArray();
    }

    public static byte[] EncodeTombstone(DateTimeOffset createEndsAt)
    {
        var output = EncodeBuffers.Rent(0);
        var writer = StoredForm.Begin(output);
        writer.Number(SessionField.Tombstone, 1UL);
        writer.Number(SessionField.CreateEndsAt, createEndsAt.UtcTicks);
        return output.WrittenSpan.ToArray();
    }

    /// <summary>Reads a stored session.</summary>
    /// <exception cref="InvalidDataException">The bytes are no session.</exception>
    /// <exception cref="NotSupportedException">The bytes are of a newer version.</exception>
    public static SessionRecord Decode(ReadOnlyMemory<byte> source)
    {
        if (!StoredForm.TryOpen(source.Span, out var reader, out var format))
        {
            throw new NotSupportedException(
                $"The stored session has format {format}; this silo reads up to format {StoredForm.Format}. Update this silo.");
        }

        return new SessionRecordReader().Read(reader);
    }

    private static void WriteOperations(FieldWriter writer, OperationLog log)
    {
        foreach (ref readonly var record in log.Records)
        {
            writer.Bytes(SessionField.Operation, OperationCodec.Encode(in record));
        }

        if (log.ExpiredThrough > DateTimeOffset.MinValue)
        {
            writer.Number(SessionField.ExpiredThrough, log.ExpiredThrough.UtcTicks);
        }
    }

    private static void WriteEntries(FieldWriter writer, SessionData data)
    {
        foreach (var entry in data.Entries)
        {
            var kind = (ulong)entry.Value.Kind;
            var size = FieldWriter.BytesSize(SessionField.EntryKey, Encoding.UTF8.GetByteCount(entry.Key)) + FieldWriter.BytesSize(SessionField.EntryValue, entry.Value.Bytes.Length);
            writer.Begin(SessionField.Entry, kind == 0 ? size : size + FieldWriter.NumberSize(SessionField.EntryKind, kind));
            writer.Text(SessionField.EntryKey, entry.Key);
            if (kind != 0)
            {
                writer.Number(SessionField.EntryKind, kind);
            }

            writer.Bytes(SessionField.EntryValue, entry.Value.Bytes.Span);
        }
    }

    /// <summary>Left out where there is none, so that the row of a session without a subject is as it was before subjects.</summary>
    private static void WriteBinding(FieldWriter writer, SessionState state)
    {
        if (state.Binding is { } binding)
        {
            Span<byte> subject = stackalloc byte[SubjectKey.Size];
            binding.Subject.WriteTo(subject);
            writer.Bytes(SessionField.Subject, subject);
            writer.Number(SessionField.Number, binding.Number);
        }

        if (state.Epoch != 0)
        {
            writer.Number(SessionField.Epoch, state.Epoch);
        }
    }

    private static void WriteHash(FieldWriter writer, int field, VerifierHash hash)
    {
        Span<byte> bytes = stackalloc byte[VerifierHash.Size];
        hash.WriteTo(bytes);
        writer.Bytes(field, bytes);
    }
}
