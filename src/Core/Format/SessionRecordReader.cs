using System.Buffers;

namespace ServerSession.Core;

/// <summary>Collects the fields of one stored session.</summary>
public sealed class SessionRecordReader
{
    private readonly List<SessionEntry> _entries = [];
    private readonly List<OperationRecord> _operations = [];
    private bool _tombstone;
    private DateTimeOffset _createdAt;
    private DateTimeOffset _lastAccess;
    private DateTimeOffset _rotatedAt;
    private DateTimeOffset _createEndsAt;
    private DateTimeOffset _expiredThrough;
    private TimeSpan _idleTimeout = SessionTerms.Default.IdleTimeout;
    private TimeSpan _absoluteLifetime = SessionTerms.Default.AbsoluteLifetime;
    private TimeSpan _writeBehindInterval = SessionTerms.Default.WriteBehindInterval;
    private ulong _durability;
    private VerifierHash _verifier;
    private VerifierHash _previous;
    private long _version;
    private SubjectKey _subject;
    private long _number;
    private long _epoch;
    private int _totalBytes;
    private ArrayBufferWriter<byte>? _unknown;

    public SessionRecord Read(FieldReader reader)
    {
        while (reader.Read())
        {
            ReadField(ref reader);
        }

        if (_tombstone)
        {
            return new SessionRecord(null, default, _createEndsAt);
        }

        var terms = new SessionTerms
        {
            IdleTimeout = _idleTimeout,
            AbsoluteLifetime = _absoluteLifetime,
            Durability = _durability <= (ulong)SessionDurability.Volatile ? (SessionDurability)_durability : throw FieldReader.Broken(),
            WriteBehindInterval = _writeBehindInterval,
        };
        if (_verifier.IsDefault || _version < 1 || terms.Validate() is not null)
        {
            throw FieldReader.Broken();
        }

        var state = new SessionState
        {
            Snapshot = new SessionSnapshot(_version, _createdAt, SharedTerms.Of(terms), new SessionData([.. _entries], _totalBytes)),
            Verifier = _verifier,
            Previous = _previous,
            RotatedAt = _rotatedAt,
            CreateEndsAt = _createEndsAt,
            Binding = _subject.IsDefault ? null : new SubjectBinding(_subject, _number),
            Epoch = _epoch,
            Operations = _operations.Count == 0 && _expiredThrough == default ? OperationLog.Empty : new OperationLog([.. _operations], _expiredThrough),
            UnknownFields = _unknown?.WrittenSpan.ToArray(),
        };
        return new SessionRecord(state, _lastAccess, _createEndsAt);
    }

    private void ReadField(ref FieldReader reader)
    {
        switch (reader.Field)
        {
            case SessionField.Tombstone: _tombstone = reader.Value != 0; break;
            case SessionField.CreatedAt: _createdAt = Time(reader.Value); break;
            case SessionField.LastAccess: _lastAccess = Time(reader.Value); break;
            case SessionField.IdleTimeout: _idleTimeout = Span(reader.Value); break;
            case SessionField.AbsoluteLifetime: _absoluteLifetime = Span(reader.Value); break;
            case SessionField.Durability: _durability = reader.Value; break;
            case SessionField.WriteBehindInterval: _writeBehindInterval = Span(reader.Value); break;
            case SessionField.Verifier: _verifier = Hash(reader.Bytes); break;
            case SessionField.Previous: _previous = Hash(reader.Bytes); break;
            case SessionField.RotatedAt: _rotatedAt = Time(reader.Value); break;
            case SessionField.Version: _version = (long)reader.Value; break;
            case SessionField.CreateEndsAt: _createEndsAt = Time(reader.Value); break;
            case SessionField.Entry: AddEntry(reader.Message); break;
            case SessionField.Format1Operations: Format1Operations.Read(reader.Bytes, _operations); break;
            case SessionField.ExpiredThrough: _expiredThrough = Time(reader.Value); break;
            case SessionField.Subject: _subject = Subject(reader.Bytes); break;
            case SessionField.Number: _number = (long)reader.Value; break;
            case SessionField.Epoch: _epoch = (long)reader.Value; break;
            case SessionField.Operation: _operations.Add(OperationCodec.Decode(reader.Message)); break;
            default: reader.CopyTo(new FieldWriter(_unknown ??= new ArrayBufferWriter<byte>())); break;
        }
    }

    private void AddEntry(FieldReader reader)
    {
        var key = "";
        ulong kind = 0;
        byte[] value = [];
        while (reader.Read())
        {
            switch (reader.Field)
            {
                case SessionField.EntryKey: key = reader.Text; break;
                case SessionField.EntryKind: kind = reader.Value; break;
                case SessionField.EntryValue: value = reader.Bytes.ToArray(); break;
                default: break;
            }
        }

        if (key.Length == 0 || _entries.Count > 0 && string.CompareOrdinal(_entries[^1].Key, key) >= 0)
        {
            throw FieldReader.Broken();
        }

        _entries.Add(new SessionEntry(key, Value(value, kind)));
        _totalBytes += SessionData.SizeOf(key, _entries[^1].Value);
    }

    public static DateTimeOffset Time(ulong ticks) =>
        ticks <= (ulong)DateTimeOffset.MaxValue.Ticks ? new DateTimeOffset((long)ticks, TimeSpan.Zero) : throw FieldReader.Broken();

    public static SessionValue Value(byte[] bytes, ulong kind)
    {
        if (kind > (ulong)SessionValueKind.List)
        {
            throw FieldReader.Broken();
        }

        if (kind == (ulong)SessionValueKind.List)
        {
            SessionList.ThrowIfMalformed(bytes);
        }

        return new SessionValue(bytes, (SessionValueKind)kind);
    }

    private static TimeSpan Span(ulong ticks) => new((long)ticks);

    private static SubjectKey Subject(ReadOnlySpan<byte> bytes) =>
        bytes.Length == SubjectKey.Size ? SubjectKey.ReadFrom(bytes) : throw FieldReader.Broken();

    private static VerifierHash Hash(ReadOnlySpan<byte> bytes) =>
        bytes.Length == VerifierHash.Size ? VerifierHash.ReadFrom(bytes) : throw FieldReader.Broken();
}
