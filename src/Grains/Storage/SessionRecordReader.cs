using ServerSession.Core;

namespace ServerSession.Storage;

/// <summary>Collects the fields of one stored session.</summary>
internal sealed class SessionRecordReader(ReadOnlyMemory<byte> source)
{
    private readonly List<SessionEntry> _entries = [];
    private readonly List<OperationRecord> _operations = [];
    private bool _tombstone;
    private DateTimeOffset _createdAt;
    private DateTimeOffset _lastAccess;
    private DateTimeOffset _rotatedAt;
    private DateTimeOffset _createEndsAt;
    private DateTimeOffset _floor;
    private SessionTerms _terms = SessionTerms.Default;
    private VerifierHash _verifier;
    private VerifierHash? _previous;
    private long _version;
    private int _totalBytes;

    public SessionRecord Read()
    {
        var reader = new FieldReader(source.Span);
        while (reader.Read())
        {
            Take(ref reader);
        }

        if (_tombstone)
        {
            return new SessionRecord(null, default, _createEndsAt);
        }

        if (_verifier.IsDefault || _version < 1 || _terms.Validate() is not null)
        {
            throw FieldReader.Broken();
        }

        var state = new SessionState
        {
            Snapshot = new SessionSnapshot(_version, _createdAt, SharedTerms.Of(_terms), new SessionData([.. _entries], _totalBytes)),
            Verifier = _verifier,
            Previous = _previous,
            RotatedAt = _rotatedAt,
            CreateEndsAt = _createEndsAt,
            Operations = _operations.Count == 0 && _floor == default ? OperationLog.Empty : new OperationLog(_operations, _floor),
        };
        return new SessionRecord(state, _lastAccess, _createEndsAt);
    }

    private void Take(ref FieldReader reader)
    {
        switch (reader.Field)
        {
            case 1: _tombstone = reader.Value != 0; break;
            case 2: _createdAt = Time(reader.Value); break;
            case 3: _lastAccess = Time(reader.Value); break;
            case 4: _terms = _terms with { IdleTimeout = Span(reader.Value) }; break;
            case 5: _terms = _terms with { AbsoluteLifetime = Span(reader.Value) }; break;
            case 6: _terms = _terms with { Durability = (SessionDurability)reader.Value }; break;
            case 7: _terms = _terms with { WriteBehindInterval = Span(reader.Value) }; break;
            case 8: _verifier = Hash(reader.Bytes); break;
            case 9: _previous = Hash(reader.Bytes); break;
            case 10: _rotatedAt = Time(reader.Value); break;
            case 11: _version = (long)reader.Value; break;
            case 12: _createEndsAt = Time(reader.Value); break;
            case 13: AddEntry(reader.Bytes); break;
            case 14: _operations.Add(OperationLogCodec.Read(reader.Bytes)); break;
            case 15: _floor = Time(reader.Value); break;
            default: break;
        }
    }

    private void AddEntry(ReadOnlySpan<byte> bytes)
    {
        var key = "";
        var kind = SessionValueKind.Bytes;
        byte[] value = [];
        var reader = new FieldReader(bytes);
        while (reader.Read())
        {
            switch (reader.Field)
            {
                case 1: key = reader.Text; break;
                case 2: kind = (SessionValueKind)reader.Value; break;
                case 3: value = reader.Bytes.ToArray(); break;
                default: break;
            }
        }

        if (_entries.Count > 0 && string.CompareOrdinal(_entries[^1].Key, key) >= 0)
        {
            throw FieldReader.Broken();
        }

        _entries.Add(new SessionEntry(key, new SessionValue(value, kind)));
        _totalBytes += SessionData.SizeOf(key, _entries[^1].Value);
    }

    internal static DateTimeOffset Time(ulong ticks) =>
        ticks <= (ulong)DateTimeOffset.MaxValue.Ticks ? new DateTimeOffset((long)ticks, TimeSpan.Zero) : throw FieldReader.Broken();

    private static TimeSpan Span(ulong ticks) => new((long)ticks);

    private static VerifierHash Hash(ReadOnlySpan<byte> bytes) =>
        bytes.Length == VerifierHash.Size ? VerifierHash.ReadFrom(bytes) : throw FieldReader.Broken();
}
