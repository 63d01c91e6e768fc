using System.Runtime.InteropServices;

namespace ServerSession.Core;

/// <summary>Reads the remembered operations of a row in format 1, which versions before this one wrote: each as its difference to an earlier one.</summary>
/// <remarks>
/// <code>
/// block      = record*                  one in each field 14
/// record     = head(varint: back * 2 + detailed) source? sequence issued detail?
/// back       = distance to the last record of the same source in the block; 0 if this is the source's first
/// source     = 8 bytes, little-endian; there where back = 0
/// sequence   = signed varint: the sequence, less that of the record it points back to, or less 0
/// issued     = signed varint: ticks of UTC, less those of the record before in the block, or less 0
/// detail     = length(varint), then the fields 5 and 6 of an operation; there where detailed = 1
/// signed     = zigzag: 0, -1, 1, -2, … as 0, 1, 2, 3, …
/// </code>
/// </remarks>
public static class Format1Operations
{
    public static void Read(ReadOnlySpan<byte> block, List<OperationRecord> records)
    {
        var first = records.Count;
        var reader = new ByteReader(block);
        while (!reader.IsEmpty)
        {
            records.Add(ReadRecord(ref reader, CollectionsMarshal.AsSpan(records)[first..]));
        }
    }

    private static OperationRecord ReadRecord(ref ByteReader reader, ReadOnlySpan<OperationRecord> before)
    {
        var head = reader.Varint();
        var back = head >> 1;
        if (back > (ulong)before.Length)
        {
            throw FieldReader.Broken();
        }

        var same = back == 0 ? new OperationId(reader.Fixed64(), 0) : before[^(int)back].Id;
        var sequence = unchecked(same.Sequence + (ulong)reader.Signed());
        var issued = unchecked((before.IsEmpty ? 0 : before[^1].IssuedTicks) + reader.Signed());
        var detail = new OperationCodec.Detail();
        if ((head & 1) != 0)
        {
            var fields = new FieldReader(reader.Take(reader.Varint()), isFormat1: true);
            while (fields.Read())
            {
                detail.Read(in fields);
            }
        }

        return new OperationRecord(new OperationId(same.Source, sequence), SessionRecordReader.Time((ulong)issued), detail.Results, detail.Refusal);
    }
}
