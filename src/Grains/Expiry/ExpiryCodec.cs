using System.Buffers;
using ServerSession.Core;

namespace ServerSession.Grains;

/// <summary>The stored forms of the index: messages, as a session's row is (see <see cref="StoredForm"/>).</summary>
/// <remarks>
/// <code>
/// head    = { 1 page*  2 segment*  3 next segment  4 segment to delete* }
/// row     = { 1 page* }                               the row of one segment
/// segment = { 1 number  2 due  3 pages }
/// page    = { 1 seed or name  2 count  3 bitmap  4 registered  5 settled  6 due  7 ids }
/// times are seconds of UTC since 0001-01-01, rounded up
/// </code>
/// </remarks>
internal static class ExpiryCodec
{
    private const int IdSize = 16;

    public static byte[] EncodeHead(IReadOnlyList<ExpiryPage> open, IReadOnlyList<ExpirySegment> segments, ulong next, IReadOnlyList<ulong> garbage)
    {
        var output = new ArrayBufferWriter<byte>();
        var writer = StoredForm.Begin(output);
        foreach (var page in open)
        {
            writer.Bytes(1, EncodePage(page));
        }

        foreach (var segment in segments)
        {
            var part = new ArrayBufferWriter<byte>();
            var fields = new FieldWriter(part);
            fields.Number(1, segment.Number);
            fields.Number(2, Seconds(segment.DueAt));
            fields.Number(3, (ulong)segment.Pages);
            writer.Bytes(2, part.WrittenSpan);
        }

        writer.Number(3, next);
        foreach (var number in garbage)
        {
            writer.Number(4, number);
        }

        return output.WrittenSpan.ToArray();
    }

    public static byte[] EncodeSegment(IReadOnlyList<ExpiryPage> pages)
    {
        var output = new ArrayBufferWriter<byte>();
        var writer = StoredForm.Begin(output);
        foreach (var page in pages)
        {
            writer.Bytes(1, EncodePage(page));
        }

        return output.WrittenSpan.ToArray();
    }

    /// <summary>The size of a page in a row.</summary>
    public static int SizeOf(ExpiryPage page) => FieldWriter.BytesSize(1, EncodePage(page).Length);

    /// <exception cref="InvalidDataException">The bytes are no head, or one of a newer version.</exception>
    public static (List<ExpiryPage> Open, List<ExpirySegment> Segments, ulong Next, List<ulong> Garbage) DecodeHead(ReadOnlySpan<byte> source)
    {
        var reader = Open(source);
        List<ExpiryPage> open = [];
        List<ExpirySegment> segments = [];
        List<ulong> garbage = [];
        var next = 0UL;
        while (reader.Read())
        {
            switch (reader.Field)
            {
                case 1: open.Add(DecodePage(reader.Message)); break;
                case 2: segments.Add(DecodeEntry(reader.Message)); break;
                case 3: next = reader.Value; break;
                case 4: garbage.Add(reader.Value); break;
                default: break;
            }
        }

        return next != 0 ? (open, segments, next, garbage) : throw FieldReader.Broken();
    }

    /// <exception cref="InvalidDataException">The bytes are no segment, or one of a newer version.</exception>
    public static List<ExpiryPage> DecodeSegment(ReadOnlySpan<byte> source)
    {
        var reader = Open(source);
        List<ExpiryPage> pages = [];
        while (reader.Read())
        {
            if (reader.Field == 1)
            {
                pages.Add(DecodePage(reader.Message));
            }
        }

        return pages;
    }

    private static byte[] EncodePage(ExpiryPage page)
    {
        var part = new ArrayBufferWriter<byte>();
        var fields = new FieldWriter(part);
        Span<byte> key = stackalloc byte[IdSize];
        page.Key.TryWriteBytes(key, bigEndian: true, out _);
        fields.Bytes(1, key);
        if (page.IsListed)
        {
            var ids = new byte[page.Listed.Length * IdSize];
            for (var number = 0; number < page.Listed.Length; number++)
            {
                page.Listed[number].WriteTo(ids.AsSpan(number * IdSize));
            }

            fields.Bytes(7, ids);
        }
        else
        {
            fields.Number(2, (ulong)page.Count);
            if (!page.Left.IsEmpty)
            {
                fields.Bytes(3, page.Left);
            }
        }

        fields.Number(4, Seconds(page.RegisteredAt));
        fields.Number(5, Seconds(page.SettledAt));
        fields.Number(6, Seconds(page.DueAt));
        return part.WrittenSpan.ToArray();
    }

    private static ExpiryPage DecodePage(FieldReader reader)
    {
        var key = Guid.Empty;
        var count = 0UL;
        byte[]? left = null;
        SessionId[]? ids = null;
        DateTimeOffset registered = default, settled = default, due = default;
        while (reader.Read())
        {
            switch (reader.Field)
            {
                case 1: key = reader.Bytes.Length == IdSize ? new Guid(reader.Bytes, bigEndian: true) : throw FieldReader.Broken(); break;
                case 2: count = reader.Value; break;
                case 3: left = reader.Bytes.ToArray(); break;
                case 4: registered = Time(reader.Value); break;
                case 5: settled = Time(reader.Value); break;
                case 6: due = Time(reader.Value); break;
                case 7: ids = DecodeIds(reader.Bytes); break;
                default: break;
            }
        }

        if (ids is not null)
        {
            return ExpiryPage.FromList(key, ids, registered, settled, due);
        }

        return count is > 0 and <= ExpiryShards.MaximumBlock && (left is null || left.Length == ((int)count + 7) / 8)
            ? ExpiryPage.FromSeed(key, (int)count, registered, settled, due, left)
            : throw FieldReader.Broken();
    }

    private static SessionId[] DecodeIds(ReadOnlySpan<byte> source)
    {
        if (source.IsEmpty || source.Length % IdSize != 0)
        {
            throw FieldReader.Broken();
        }

        var ids = new SessionId[source.Length / IdSize];
        for (var number = 0; number < ids.Length; number++)
        {
            ids[number] = SessionId.ReadFrom(source.Slice(number * IdSize, IdSize));
            if (ids[number].IsDefault)
            {
                throw FieldReader.Broken();
            }
        }

        return ids;
    }

    private static ExpirySegment DecodeEntry(FieldReader reader)
    {
        var number = 0UL;
        var pages = 0UL;
        DateTimeOffset due = default;
        while (reader.Read())
        {
            switch (reader.Field)
            {
                case 1: number = reader.Value; break;
                case 2: due = Time(reader.Value); break;
                case 3: pages = reader.Value; break;
                default: break;
            }
        }

        return number != 0 && pages <= int.MaxValue ? new ExpirySegment(number) { DueAt = due, Pages = (int)pages } : throw FieldReader.Broken();
    }

    private static FieldReader Open(ReadOnlySpan<byte> source) => StoredForm.Open(source, "The stored clean-up index has");

    private static ulong Seconds(DateTimeOffset time) => (ulong)((time.UtcTicks / TimeSpan.TicksPerSecond) + (time.UtcTicks % TimeSpan.TicksPerSecond == 0 ? 0 : 1));

    private static DateTimeOffset Time(ulong seconds) =>
        seconds <= (ulong)(DateTimeOffset.MaxValue.Ticks / TimeSpan.TicksPerSecond)
            ? new DateTimeOffset((long)seconds * TimeSpan.TicksPerSecond, TimeSpan.Zero)
            : DateTimeOffset.MaxValue;
}
