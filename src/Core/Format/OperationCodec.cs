namespace ServerSession.Core;

/// <summary>The stored form of one remembered operation, and of what it answered.</summary>
/// <remarks>
/// <code>
/// operation  { 1 source  2 sequence  3 issued  4 first unanswered  5 result*  6 refusal }
/// result     { 1 applied  2 value  3 kind  4 number }      refusal { 1 message  2 limit + 1  3 change + 1 }
/// </code>
/// </remarks>
public static class OperationCodec
{
    private const int Source = 1;
    private const int Sequence = 2;
    private const int Issued = 3;
    private const int FirstUnanswered = 4;
    private const int Result = 5;
    private const int Refusal = 6;

    private const int Applied = 1;
    private const int Value = 2;
    private const int Kind = 3;
    private const int Number = 4;

    private const int Message = 1;
    private const int Limit = 2;
    private const int Change = 3;

    public static ReadOnlySpan<byte> Encode(in OperationRecord record)
    {
        var output = EncodeBuffers.Rent(1);
        var fields = new FieldWriter(output);
        fields.Fixed(Source, record.Id.Source);
        fields.Number(Sequence, record.Id.Sequence);
        fields.Number(Issued, record.IssuedTicks);
        if (record.FirstUnanswered != 0)
        {
            fields.Number(FirstUnanswered, record.FirstUnanswered);
        }

        foreach (var result in record.Results ?? [])
        {
            fields.Bytes(Result, Encode(result));
        }

        if (record.Refusal is { } refusal)
        {
            fields.Bytes(Refusal, Encode(refusal));
        }

        return output.WrittenSpan;
    }

    public static OperationRecord Decode(FieldReader reader)
    {
        ulong source = 0;
        ulong sequence = 0;
        ulong issued = 0;
        ulong firstUnanswered = 0;
        var detail = new Detail();
        while (reader.Read())
        {
            switch (reader.Field)
            {
                case Source: source = reader.Value; break;
                case Sequence: sequence = reader.Value; break;
                case Issued: issued = reader.Value; break;
                case FirstUnanswered: firstUnanswered = reader.Value; break;
                default: detail.Read(in reader); break;
            }
        }

        return new OperationRecord(new OperationId(source, sequence), SessionRecordReader.Time(issued), detail.Results, detail.Refusal, firstUnanswered);
    }

    private static ReadOnlySpan<byte> Encode(SessionChangeResult result)
    {
        var output = EncodeBuffers.Rent(2);
        var fields = new FieldWriter(output);
        fields.Number(Applied, result.Applied ? 1UL : 0UL);
        if (result.Value is { } value)
        {
            fields.Bytes(Value, value.Bytes.Span);
            fields.Number(Kind, (ulong)value.Kind);
        }

        fields.Number(Number, result.Number);
        return output.WrittenSpan;
    }

    private static SessionChangeResult DecodeResult(FieldReader reader)
    {
        var applied = false;
        byte[]? value = null;
        ulong kind = 0;
        long number = 0;
        while (reader.Read())
        {
            switch (reader.Field)
            {
                case Applied: applied = reader.Value != 0; break;
                case Value: value = reader.Bytes.ToArray(); break;
                case Kind: kind = reader.Value; break;
                case Number: number = (long)reader.Value; break;
                default: break;
            }
        }

        return new SessionChangeResult(applied, value is null ? null : SessionRecordReader.Value(value, kind), number);
    }

    private static ReadOnlySpan<byte> Encode(SessionRefusal refusal)
    {
        var output = EncodeBuffers.Rent(2);
        var fields = new FieldWriter(output);
        fields.Text(Message, refusal.Message);
        fields.Number(Limit, refusal.Limit is { } limit ? (ulong)limit + 1 : 0UL);
        fields.Number(Change, (ulong)(refusal.Change + 1));
        return output.WrittenSpan;
    }

    private static SessionRefusal DecodeRefusal(FieldReader reader)
    {
        var message = "";
        ulong limit = 0;
        ulong change = 0;
        while (reader.Read())
        {
            switch (reader.Field)
            {
                case Message: message = reader.Text; break;
                case Limit: limit = reader.Value; break;
                case Change: change = reader.Value; break;
                default: break;
            }
        }

        if (limit > (ulong)SessionLimit.SubjectSessions + 1 || change > int.MaxValue)
        {
            throw FieldReader.Broken();
        }

        return new SessionRefusal(message, limit == 0 ? null : (SessionLimit)(limit - 1), (int)change - 1);
    }

    /// <summary>Collects what an operation answered beyond "committed".</summary>
    public struct Detail
    {
        private List<SessionChangeResult>? _results;

        public readonly IReadOnlyList<SessionChangeResult>? Results => _results?.ToArray();

        public SessionRefusal? Refusal { get; private set; }

        public void Read(in FieldReader reader)
        {
            switch (reader.Field)
            {
                case Result: (_results ??= []).Add(DecodeResult(reader.Message)); break;
                case OperationCodec.Refusal: Refusal = DecodeRefusal(reader.Message); break;
                default: break;
            }
        }
    }
}
