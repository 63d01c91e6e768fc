using ServerSession.Core;

namespace ServerSession.Storage;

/// <summary>The stored form of what an operation answered beyond "committed".</summary>
internal static class OperationDetailCodec
{
    public static ReadOnlySpan<byte> Encode(in OperationRecord record)
    {
        var output = EncodeBuffers.Rent(2);
        var fields = new FieldWriter(output);
        foreach (var result in record.Results ?? [])
        {
            fields.Bytes(5, Encode(result));
        }

        if (record.Refusal is { } refusal)
        {
            fields.Bytes(6, Encode(refusal));
        }

        return output.WrittenSpan;
    }

    public static void Decode(ReadOnlySpan<byte> bytes, out IReadOnlyList<SessionChangeResult>? results, out SessionRefusal? refusal)
    {
        List<SessionChangeResult>? list = null;
        refusal = null;
        var reader = new FieldReader(bytes);
        while (reader.Read())
        {
            switch (reader.Field)
            {
                case 5: (list ??= []).Add(DecodeResult(reader.Bytes)); break;
                case 6: refusal = DecodeRefusal(reader.Bytes); break;
                default: break;
            }
        }

        results = list?.ToArray();
    }

    private static ReadOnlySpan<byte> Encode(SessionChangeResult result)
    {
        var output = EncodeBuffers.Rent(3);
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
        ulong kind = 0;
        long number = 0;
        var reader = new FieldReader(bytes);
        while (reader.Read())
        {
            switch (reader.Field)
            {
                case 1: applied = reader.Value != 0; break;
                case 2: value = reader.Bytes.ToArray(); break;
                case 3: kind = reader.Value; break;
                case 4: number = (long)reader.Value; break;
                default: break;
            }
        }

        return new SessionChangeResult(applied, value is null ? null : SessionRecordReader.Value(value, kind), number);
    }

    private static ReadOnlySpan<byte> Encode(SessionRefusal refusal)
    {
        var output = EncodeBuffers.Rent(3);
        var fields = new FieldWriter(output);
        fields.Text(1, refusal.Message);
        fields.Number(2, refusal.Limit is { } limit ? (ulong)limit + 1 : 0UL);
        fields.Number(3, (ulong)(refusal.Change + 1));
        return output.WrittenSpan;
    }

    private static SessionRefusal DecodeRefusal(ReadOnlySpan<byte> bytes)
    {
        var message = "";
        ulong limit = 0;
        ulong change = 0;
        var reader = new FieldReader(bytes);
        while (reader.Read())
        {
            switch (reader.Field)
            {
                case 1: message = reader.Text; break;
                case 2: limit = reader.Value; break;
                case 3: change = reader.Value; break;
                default: break;
            }
        }

        if (limit > (ulong)SessionLimit.SubjectSessions + 1 || change > int.MaxValue)
        {
            throw FieldReader.Broken();
        }

        return new SessionRefusal(message, limit == 0 ? null : (SessionLimit)(limit - 1), (int)change - 1);
    }
}
