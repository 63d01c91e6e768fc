using System.Buffers;
using ServerSession.Core;

namespace ServerSession.Grains;

/// <summary>The stored form of a key ring: a message (see <see cref="StoredForm"/>) of <c>1 element* { 1 id  2 name  3 xml }  2 deleted* { 1 id  2 time }</c>.</summary>
internal static class DataProtectionKeyCodec
{
    private const int Element = 1;
    private const int Deleted = 2;
    private const int Id = 1;
    private const int Name = 2;
    private const int Xml = 3;
    private const int Time = 2;
    private const int IdBytes = 16;

    public static byte[] Encode(DataProtectionKeys ring)
    {
        var output = new ArrayBufferWriter<byte>();
        var writer = StoredForm.Begin(output);
        foreach (var element in ring.Elements)
        {
            var part = new ArrayBufferWriter<byte>();
            var fields = new FieldWriter(part);
            fields.Bytes(Id, element.Id.ToByteArray(bigEndian: true));
            fields.Text(Name, element.Name);
            fields.Text(Xml, element.Xml);
            writer.Bytes(Element, part.WrittenSpan);
        }

        foreach (var (id, time) in ring.Deleted)
        {
            var part = new ArrayBufferWriter<byte>();
            var fields = new FieldWriter(part);
            fields.Bytes(Id, id.ToByteArray(bigEndian: true));
            fields.Number(Time, time.UtcTicks);
            writer.Bytes(Deleted, part.WrittenSpan);
        }

        return output.WrittenSpan.ToArray();
    }

    /// <summary>Reads a stored ring.</summary>
    /// <exception cref="InvalidDataException">The bytes are no ring.</exception>
    public static DataProtectionKeys Decode(ReadOnlySpan<byte> source)
    {
        var elements = new List<DataProtectionKeyElement>();
        var deleted = new Dictionary<Guid, DateTimeOffset>();
        var reader = StoredForm.Open(source, "The stored Data Protection keys have");
        while (reader.Read())
        {
            if (reader.Field == Element)
            {
                elements.Add(DecodeElement(reader.Message));
            }
            else if (reader.Field == Deleted)
            {
                var (id, time) = DecodeDeleted(reader.Message);
                deleted[id] = time;
            }
        }

        return new DataProtectionKeys(elements, deleted);
    }

    private static DataProtectionKeyElement DecodeElement(FieldReader reader)
    {
        Guid id = default;
        var name = "";
        var xml = "";
        while (reader.Read())
        {
            switch (reader.Field)
            {
                case Id: id = ReadId(reader.Bytes); break;
                case Name: name = reader.Text; break;
                case Xml: xml = reader.Text; break;
                default: break;
            }
        }

        return new DataProtectionKeyElement(id, name, xml);
    }

    private static (Guid Id, DateTimeOffset Time) DecodeDeleted(FieldReader reader)
    {
        Guid id = default;
        DateTimeOffset time = default;
        while (reader.Read())
        {
            switch (reader.Field)
            {
                case Id: id = ReadId(reader.Bytes); break;
                case Time: time = SessionRecordReader.Time(reader.Value); break;
                default: break;
            }
        }

        return (id, time);
    }

    private static Guid ReadId(ReadOnlySpan<byte> bytes) => bytes.Length == IdBytes
        ? new Guid(bytes, bigEndian: true)
        : throw new InvalidDataException("The stored Data Protection keys are cut off or not well formed. Restore the row.");
}
