using System.Buffers;
using ServerSession.Core;

namespace ServerSession.Grains;

/// <summary>The stored forms of a subject's list: messages, as a session's row is (see <see cref="StoredForm"/>).</summary>
/// <remarks>
/// <code>
/// head    = { 1 entry*  2 segment*  3 last number  4 ended through  5 kept  6 row that is being sealed }
/// row     = { 1 entry* }                        the row of one segment
/// entry   = { 1 session  2 number  3 created  4 last seen  5 expires  6 label }
/// segment = { 1 row  2 first number  3 last number  4 entries  5 first expiry }
/// times are ticks of UTC
/// </code>
/// </remarks>
internal static class SubjectCodec
{
    private const int IdSize = 16;

    public static byte[] EncodeHead(SubjectHead head)
    {
        var output = new ArrayBufferWriter<byte>();
        var writer = StoredForm.Begin(output);
        WriteEntries(writer, head.Entries);
        foreach (var segment in head.Segments)
        {
            var part = new ArrayBufferWriter<byte>();
            var fields = new FieldWriter(part);
            fields.Number(1, segment.Row);
            fields.Number(2, segment.First);
            fields.Number(3, segment.Last);
            fields.Number(4, (ulong)segment.Count);
            fields.Number(5, segment.DueAt.UtcTicks);
            writer.Bytes(2, part.WrittenSpan);
        }

        writer.Number(3, head.LastNumber);
        WriteUnlessZero(writer, 4, head.EndedThrough);
        WriteUnlessZero(writer, 5, head.Kept);
        WriteUnlessZero(writer, 6, (long)head.Sealing);
        return output.WrittenSpan.ToArray();
    }

    public static byte[] EncodeSegment(IReadOnlyList<SubjectEntry> entries)
    {
        var output = new ArrayBufferWriter<byte>();
        WriteEntries(StoredForm.Begin(output), entries);
        return output.WrittenSpan.ToArray();
    }

    /// <exception cref="InvalidDataException">The bytes are no head, or one of a newer version.</exception>
    public static SubjectHead DecodeHead(ReadOnlySpan<byte> source)
    {
        var head = new SubjectHead();
        var reader = Open(source);
        while (reader.Read())
        {
            switch (reader.Field)
            {
                case 1: head.Add(DecodeEntry(reader.Message)); break;
                case 2: head.Segments.Add(DecodeSegment(reader.Message)); break;
                case 3: head.LastNumber = (long)reader.Value; break;
                case 4: head.EndedThrough = (long)reader.Value; break;
                case 5: head.Kept = (long)reader.Value; break;
                case 6: head.Sealing = reader.Value; break;
                default: break;
            }
        }

        return head;
    }

    /// <exception cref="InvalidDataException">The bytes are no segment, or one of a newer version.</exception>
    public static List<SubjectEntry> DecodeEntries(ReadOnlySpan<byte> source)
    {
        List<SubjectEntry> entries = [];
        var reader = Open(source);
        while (reader.Read())
        {
            if (reader.Field == 1)
            {
                entries.Add(DecodeEntry(reader.Message));
            }
        }

        return entries;
    }

    /// <summary>The size of an entry in a row.</summary>
    public static int SizeOf(SubjectEntry entry) => FieldWriter.BytesSize(1, EncodeEntry(entry).WrittenCount);

    /// <summary>When the first session of a list expires, as its head knows it; null where the head cannot be read.</summary>
    public static DateTimeOffset? ReadDue(ReadOnlySpan<byte> source)
    {
        try
        {
            return DueAt(DecodeHead(source));
        }
        catch (InvalidDataException)
        {
            return null;
        }
    }

    /// <inheritdoc cref="ReadDue"/>
    public static DateTimeOffset DueAt(SubjectHead head)
    {
        // A list of which nothing lives any more, or that a process left in the middle of its work, is due at once.
        var due = head.Sealing != 0 || head.Entries.Count + head.Segments.Count == 0 ? DateTimeOffset.MinValue : DateTimeOffset.MaxValue;
        foreach (var entry in head.Entries)
        {
            due = Earlier(due, head.IsEnded(entry.Number) ? DateTimeOffset.MinValue : entry.ExpiresAt);
        }

        foreach (var segment in head.Segments)
        {
            due = Earlier(due, HasEnded(head, segment) ? DateTimeOffset.MinValue : segment.DueAt);
        }

        return due;
    }

    /// <summary>Whether a segment may have entries that were ended; the one that was kept is none.</summary>
    private static bool HasEnded(SubjectHead head, SubjectSegment segment) => segment.First <= head.EndedThrough
        && !(segment.Count == 1 && segment.First <= head.Kept && head.Kept <= segment.Last);

    private static DateTimeOffset Earlier(DateTimeOffset one, DateTimeOffset other) => one < other ? one : other;

    private static void WriteUnlessZero(FieldWriter writer, int field, long value)
    {
        if (value != 0)
        {
            writer.Number(field, value);
        }
    }

    private static void WriteEntries(FieldWriter writer, IReadOnlyList<SubjectEntry> entries)
    {
        foreach (var entry in entries)
        {
            writer.Bytes(1, EncodeEntry(entry).WrittenSpan);
        }
    }

    private static ArrayBufferWriter<byte> EncodeEntry(SubjectEntry entry)
    {
        var output = new ArrayBufferWriter<byte>();
        var writer = new FieldWriter(output);
        Span<byte> id = stackalloc byte[IdSize];
        entry.Session.WriteTo(id);
        writer.Bytes(1, id);
        writer.Number(2, entry.Number);
        writer.Number(3, entry.CreatedAt.UtcTicks);
        writer.Number(4, entry.LastSeenAt.UtcTicks);
        writer.Number(5, entry.ExpiresAt.UtcTicks);
        if (entry.Label is { } label)
        {
            writer.Text(6, label);
        }

        return output;
    }

    private static SubjectEntry DecodeEntry(FieldReader reader)
    {
        SessionId session = default;
        var number = 0L;
        string? label = null;
        DateTimeOffset createdAt = default, lastSeenAt = default, expiresAt = default;
        while (reader.Read())
        {
            switch (reader.Field)
            {
                case 1: session = reader.Bytes.Length == IdSize ? SessionId.ReadFrom(reader.Bytes) : throw FieldReader.Broken(); break;
                case 2: number = SessionRecordReader.Time(reader.Value).Ticks; break;
                case 3: createdAt = SessionRecordReader.Time(reader.Value); break;
                case 4: lastSeenAt = SessionRecordReader.Time(reader.Value); break;
                case 5: expiresAt = SessionRecordReader.Time(reader.Value); break;
                case 6: label = reader.Text; break;
                default: break;
            }
        }

        return session.IsDefault || number == 0
            ? throw FieldReader.Broken()
            : new SubjectEntry(session, number, createdAt, label) { LastSeenAt = lastSeenAt, ExpiresAt = expiresAt };
    }

    private static SubjectSegment DecodeSegment(FieldReader reader)
    {
        ulong row = 0;
        long first = 0, last = 0;
        var count = 0;
        DateTimeOffset dueAt = default;
        while (reader.Read())
        {
            switch (reader.Field)
            {
                case 1: row = reader.Value; break;
                case 2: first = (long)reader.Value; break;
                case 3: last = (long)reader.Value; break;
                case 4: count = reader.Value <= int.MaxValue ? (int)reader.Value : throw FieldReader.Broken(); break;
                case 5: dueAt = SessionRecordReader.Time(reader.Value); break;
                default: break;
            }
        }

        return row == 0 ? throw FieldReader.Broken() : new SubjectSegment(row, first, last) { Count = count, DueAt = dueAt };
    }

    private static FieldReader Open(ReadOnlySpan<byte> source) => StoredForm.Open(source, "The stored list of a user's sessions has");
}
