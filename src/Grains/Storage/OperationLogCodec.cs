using System.Buffers;
using ServerSession.Core;

namespace ServerSession.Storage;

/// <summary>The stored form of the operations of the last window.</summary>
internal static class OperationLogCodec
{
    public static void Write(FieldWriter writer, OperationLog log)
    {
        var part = log.Records.Count == 0 ? null : new ArrayBufferWriter<byte>(64);
        foreach (var record in log.Records)
        {
            part!.ResetWrittenCount();
            var fields = new FieldWriter(part);
            fields.Number(1, record.Id.Source);
            fields.Number(2, record.Id.Sequence);
            fields.Number(3, record.IssuedAt.UtcTicks);
            if (record.Outcome != SessionOutcome.Committed)
            {
                fields.Number(4, (ulong)record.Outcome);
            }

            foreach (var result in record.Results ?? [])
            {
                fields.Bytes(5, Encode(result));
            }

            if (record.Refusal is { } refusal)
            {
                fields.Bytes(6, Encode(refusal));
            }

            writer.Bytes(14, part.WrittenSpan);
        }

        if (log.Floor > DateTimeOffset.MinValue)
        {
            writer.Number(15, log.Floor.UtcTicks);
        }
    }

    public static OperationRecord Read(ReadOnlySpan<byte> bytes)
    {
        ulong source = 0;
        ulong sequence = 0;
        DateTimeOffset issuedAt = default;
        var outcome = SessionOutcome.Committed;
        List<SessionChangeResult>? results = null;
        SessionRefusal? refusal = null;
        var reader = new FieldReader(bytes);
        while (reader.Read())
        {
            switch (reader.Field)
            {
                case 1: source = reader.Value; break;
                case 2: sequence = reader.Value; break;
                case 3: issuedAt = SessionRecordReader.Time(reader.Value); break;
                case 4: outcome = (SessionOutcome)reader.Value; break;
                case 5: (results ??= []).Add(DecodeResult(reader.Bytes)); break;
                case 6: refusal = DecodeRefusal(reader.Bytes); break;
                default: break;
            }
        }

        return new OperationRecord(new OperationId(source, sequence), issuedAt, outcome, results?.ToArray(), refusal);
    }

    private static ReadOnlySpan<byte> Encode(SessionChangeResult result)
    {
        var output = new ArrayBufferWriter<byte>(32);
        var fields = new FieldWriter(output);
        fields.Number(1, result.Applied ? 1UL : 0UL);
        if (result.Value is { } value)
        {
            fields.Bytes(2, value.Bytes.Span);
            fields.Number(3, (ulong)value.Kind);
        }

        fields.Number(4, result.Number);
        return output.WrittenSpan;
    }

    private static SessionChangeResult DecodeResult(ReadOnlySpan<byte> bytes)
    {
        var applied = false;
        byte[]? value = null;
        var kind = SessionValueKind.Bytes;
        long number = 0;
        var reader = new FieldReader(bytes);
        while (reader.Read())
        {
            switch (reader.Field)
            {
                case 1: applied = reader.Value != 0; break;
                case 2: value = reader.Bytes.ToArray(); break;
                case 3: kind = (SessionValueKind)reader.Value; break;
                case 4: number = (long)reader.Value; break;
                default: break;
            }
        }

        return new SessionChangeResult(applied, value is null ? null : new SessionValue(value, kind), number);
    }

    private static ReadOnlySpan<byte> Encode(SessionRefusal refusal)
    {
        var output = new ArrayBufferWriter<byte>(64);
        var fields = new FieldWriter(output);
        fields.Text(1, refusal.Message);
        fields.Number(2, refusal.Limit is { } limit ? (ulong)limit + 1 : 0UL);
        fields.Number(3, (ulong)(refusal.Change + 1));
        return output.WrittenSpan;
    }

    private static SessionRefusal DecodeRefusal(ReadOnlySpan<byte> bytes)
    {
        var message = "";
        SessionLimit? limit = null;
        var change = -1;
        var reader = new FieldReader(bytes);
        while (reader.Read())
        {
            switch (reader.Field)
            {
                case 1: message = reader.Text; break;
                case 2: limit = reader.Value == 0 ? null : (SessionLimit)(reader.Value - 1); break;
                case 3: change = (int)reader.Value - 1; break;
                default: break;
            }
        }

        return new SessionRefusal(message, limit, change);
    }
}
