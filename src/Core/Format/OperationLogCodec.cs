using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.InteropServices;
using ServerSession.Core;

namespace ServerSession.Storage;

/// <summary>The stored form of the operations of the last window.</summary>
/// <remarks>
/// A busy session has a hundred of them, so each is encoded as its difference to an earlier one: about six bytes. They are stored in blocks that do
/// not refer to each other, and the encoding of a full block is cached, because every write stores the operations of the whole window.
/// A local operation is a separate block, which the next operation replaces.
/// <code>
/// operations = block*, each a field 14
/// block      = record*
/// record     = head(varint: back * 2 + detailed) source? sequence issued detail?
/// back       = distance to the last record of the same source in the block; 0 if this is the source's first
/// source     = 8 bytes, little-endian; there where back = 0
/// sequence   = signed varint: the sequence, less that of the record it points back to, or less 0
/// issued     = signed varint: ticks of UTC, less those of the record before in the block, or less 0
/// detail     = length(varint) field*: { 5 result*  6 refusal }; there where detailed = 1, absent from a plain commit
/// result     { 1 applied  2 value  3 kind  4 number }      refusal { 1 message  2 limit + 1  3 change + 1 }
/// signed     = zigzag: 0, -1, 1, -2, … as 0, 1, 2, 3, …
/// </code>
/// </remarks>
internal static class OperationLogCodec
{
    private const int MaximumPlainSize = (4 * Varint.MaximumSize) + sizeof(ulong);

    /// <summary>The encoding of a block with large results is not cached: it would be in memory twice.</summary>
    private const int MaximumCachedBytes = 1024;

    public static void Write(FieldWriter writer, OperationLog log)
    {
        var records = log.Records;
        for (var index = 0; index < records.Length;)
        {
            var block = log.BlockFrom(index);
            if (block.CachedEncoding is [{ } cached])
            {
                WriteBlock(writer, cached);
            }
            else
            {
                var encoding = EncodeBlock(block.Records);
                WriteBlock(writer, encoding);
                if (block.CachedEncoding.Length == 1 && encoding.Length <= MaximumCachedBytes)
                {
                    block.CachedEncoding[0] = encoding.ToArray();
                }
            }

            index += block.Records.Length;
        }

        WriteBlock(writer, EncodeBlock(log.Local));
        if (log.ExpiredThrough > DateTimeOffset.MinValue)
        {
            writer.Number(15, log.ExpiredThrough.UtcTicks);
        }
    }

    /// <summary>Reads one block.</summary>
    public static void Read(ReadOnlySpan<byte> bytes, List<OperationRecord> records)
    {
        var first = records.Count;
        var reader = new ByteReader(bytes);
        while (!reader.IsEmpty)
        {
            records.Add(ReadRecord(ref reader, CollectionsMarshal.AsSpan(records)[first..]));
        }
    }

    private static void WriteBlock(FieldWriter writer, ReadOnlySpan<byte> encoding)
    {
        if (!encoding.IsEmpty)
        {
            writer.Bytes(14, encoding);
        }
    }

    private static ReadOnlySpan<byte> EncodeBlock(ReadOnlySpan<OperationRecord> records)
    {
        var output = EncodeBuffers.Rent(1);
        for (var index = 0; index < records.Length; index++)
        {
            output.Advance(WriteRecord(output.GetSpan(MaximumPlainSize), records, index));
            if (records[index].HasDetail)
            {
                var detail = OperationDetailCodec.Encode(in records[index]);
                output.Advance(Varint.Write(output.GetSpan(Varint.MaximumSize), (ulong)detail.Length));
                output.Write(detail);
            }
        }

        return output.WrittenSpan;
    }

    private static int WriteRecord(Span<byte> output, ReadOnlySpan<OperationRecord> records, int index)
    {
        ref readonly var record = ref records[index];
        var back = 1;
        while (back <= index && records[index - back].Id.Source != record.Id.Source)
        {
            back++;
        }

        var first = back > index;
        var size = Varint.Write(output, (first ? 0UL : (ulong)back << 1) | (record.HasDetail ? 1UL : 0UL));
        if (first)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(output[size..], record.Id.Source);
            size += sizeof(ulong);
        }

        size += Varint.WriteSigned(output[size..], unchecked((long)(record.Id.Sequence - (first ? 0 : records[index - back].Id.Sequence))));
        return size + Varint.WriteSigned(output[size..], record.IssuedTicks - (index == 0 ? 0 : records[index - 1].IssuedTicks));
    }

    private static OperationRecord ReadRecord(ref ByteReader reader, ReadOnlySpan<OperationRecord> before)
    {
        var head = reader.Varint();
        var back = head >> 1;
        if (back > (ulong)before.Length)
        {
            throw FieldReader.Broken();
        }

        var same = back == 0 ? new OperationId(reader.Fixed(), 0) : before[^(int)back].Id;
        var sequence = unchecked(same.Sequence + (ulong)reader.Signed());
        var issued = unchecked((before.IsEmpty ? 0 : before[^1].IssuedTicks) + reader.Signed());
        IReadOnlyList<SessionChangeResult>? results = null;
        SessionRefusal? refusal = null;
        if ((head & 1) != 0)
        {
            OperationDetailCodec.Decode(reader.Take(reader.Varint()), out results, out refusal);
        }

        return new OperationRecord(new OperationId(same.Source, sequence), SessionRecordReader.Time((ulong)issued), results, refusal);
    }
}
