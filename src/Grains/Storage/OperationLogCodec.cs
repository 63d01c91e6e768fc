using System.Buffers;
using ServerSession.Core;

namespace ServerSession.Storage;

/// <summary>The stored form of the operations of the last window.</summary>
/// <remarks>
/// A hot session has a hundred of them, so each is told by its difference to one before: about six bytes.
/// <code>
/// operations = record*
/// record     = head(varint: back * 2 + detailed) source? sequence issued detail?
/// back       = how many records before this one stands the last of the same source; 0 where this is the source's first
/// source     = 8 bytes, little-endian; there where back = 0
/// sequence   = signed varint: the sequence, less that of the record it points back to, or less 0
/// issued     = signed varint: ticks of UTC, less those of the record before, or less 0
/// detail     = length(varint) field*: { 5 result*  6 refusal }; there where detailed = 1, absent from a plain commit
/// result     { 1 applied  2 value  3 kind  4 number }      refusal { 1 message  2 limit + 1  3 change + 1 }
/// signed     = zigzag: 0, -1, 1, -2, … as 0, 1, 2, 3, …
/// </code>
/// </remarks>
internal static class OperationLogCodec
{
    public static void Write(FieldWriter writer, OperationLog log)
    {
        var records = log.Records;
        if (records.Length > 0)
        {
            var part = Scratch.Take(1);
            for (var index = 0; index < records.Length; index++)
            {
                WriteRecord(new FieldWriter(part), part, records, index);
            }

            writer.Bytes(14, part.WrittenSpan);
        }

        if (log.Floor > DateTimeOffset.MinValue)
        {
            writer.Number(15, log.Floor.UtcTicks);
        }
    }

    public static OperationRecord[] Read(ReadOnlySpan<byte> bytes)
    {
        var records = new List<OperationRecord>();
        var reader = new ByteReader(bytes);
        while (!reader.IsEmpty)
        {
            records.Add(ReadRecord(ref reader, records));
        }

        return [.. records];
    }

    private static void WriteRecord(FieldWriter fields, ArrayBufferWriter<byte> part, ReadOnlySpan<OperationRecord> records, int index)
    {
        ref readonly var record = ref records[index];
        var back = 1;
        while (back <= index && records[index - back].Id.Source != record.Id.Source)
        {
            back++;
        }

        var first = back > index;
        fields.Raw((first ? 0UL : (ulong)back << 1) | (record.HasDetail ? 1UL : 0UL));
        if (first)
        {
            fields.Fixed(record.Id.Source);
        }

        fields.Signed(unchecked((long)(record.Id.Sequence - (first ? 0 : records[index - back].Id.Sequence))));
        fields.Signed(record.IssuedTicks - (index == 0 ? 0 : records[index - 1].IssuedTicks));
        if (record.HasDetail)
        {
            var detail = OperationDetailCodec.Encode(in record);
            fields.Raw((ulong)detail.Length);
            part.Write(detail);
        }
    }

    private static OperationRecord ReadRecord(ref ByteReader reader, List<OperationRecord> before)
    {
        var head = reader.Varint();
        var back = head >> 1;
        if (back > (ulong)before.Count)
        {
            throw FieldReader.Broken();
        }

        var same = back == 0 ? new OperationId(reader.Fixed(), 0) : before[before.Count - (int)back].Id;
        var sequence = unchecked(same.Sequence + (ulong)reader.Signed());
        var issued = unchecked((before.Count == 0 ? 0 : before[^1].IssuedTicks) + reader.Signed());
        IReadOnlyList<SessionChangeResult>? results = null;
        SessionRefusal? refusal = null;
        if ((head & 1) != 0)
        {
            OperationDetailCodec.Decode(reader.Take(reader.Varint()), out results, out refusal);
        }

        return new OperationRecord(new OperationId(same.Source, sequence), SessionRecordReader.Time((ulong)issued), results, refusal);
    }
}
