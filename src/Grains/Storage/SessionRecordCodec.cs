using System.Buffers;
using ServerSession.Core;

namespace ServerSession.Storage;

/// <summary>
/// The stored form of a session: one version byte, then numbered fields. Numbers are never reused; a reader passes over fields it does
/// not know, so silos of two versions can share a store while a cluster is updated.
/// </summary>
/// <remarks>
/// <code>
/// record    = version(0x01) field*
/// 1 tombstone   2 created at   3 last access   4 idle timeout   5 absolute lifetime   6 durability   7 write-behind interval
/// 8 verifier hash   9 previous verifier hash   10 rotated at   11 version   12 create ends at
/// 13 entry*     { 1 key  2 kind  3 value }
/// 14 operation* { 1 source  2 sequence  3 issued at  4 outcome  5 result*  6 refusal }   15 operation floor
/// result        { 1 applied  2 value  3 kind  4 number }      refusal { 1 message  2 limit + 1  3 change + 1 }
/// times are ticks of UTC, spans are ticks
/// </code>
/// </remarks>
internal static class SessionRecordCodec
{
    public const byte Version = 1;

    [ThreadStatic]
    private static ArrayBufferWriter<byte>? _buffer;

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
        if (state.Previous is { } previous)
        {
            WriteHash(writer, 9, previous);
            writer.Number(10, state.RotatedAt.UtcTicks);
        }

        writer.Number(11, snapshot.Version);
        writer.Number(12, state.CreateEndsAt.UtcTicks);
        WriteEntries(writer, snapshot.Data);
        OperationLogCodec.Write(writer, state.Operations);
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
        var part = new ArrayBufferWriter<byte>(Math.Max(64, data.TotalBytes + 16));
        foreach (var entry in data.Entries)
        {
            part.ResetWrittenCount();
            var fields = new FieldWriter(part);
            fields.Text(1, entry.Key);
            if (entry.Value.Kind != SessionValueKind.Bytes)
            {
                fields.Number(2, (ulong)entry.Value.Kind);
            }

            fields.Bytes(3, entry.Value.Bytes.Span);
            writer.Bytes(13, part.WrittenSpan);
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
        var buffer = _buffer ??= new ArrayBufferWriter<byte>(1024);
        buffer.ResetWrittenCount();
        buffer.GetSpan(1)[0] = Version;
        buffer.Advance(1);
        return buffer;
    }
}
