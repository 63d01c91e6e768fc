using Google.Protobuf;
using ServerSession.Tests.Support;

namespace ServerSession.Tests.Stored;

/// <summary>A stored record is read by another implementation of protobuf, as a maintainer's tool would read it: by the numbers that <see cref="SessionField"/> names.</summary>
public sealed class ProtobufLayoutTests
{
    [Fact]
    public void Record_is_read_by_the_numbers_of_its_fields_without_the_products_reader()
    {
        var state = SampleStates.Full();
        var fields = Read(SessionRecordCodec.Encode(state, SampleStates.LastAccess));

        Assert.Equal((100, (object)2UL), fields[0]);
        Assert.Equal(
            [
                (SessionField.CreatedAt, (object)(ulong)Sample.Now.UtcTicks),
                (SessionField.LastAccess, (ulong)SampleStates.LastAccess.UtcTicks),
                (SessionField.IdleTimeout, (ulong)state.Snapshot.Terms.IdleTimeout.Ticks),
                (SessionField.AbsoluteLifetime, (ulong)state.Snapshot.Terms.AbsoluteLifetime.Ticks),
                (SessionField.Durability, (ulong)SessionDurability.WriteBehind),
                (SessionField.WriteBehindInterval, (ulong)state.Snapshot.Terms.WriteBehindInterval.Ticks),
            ],
            fields[1..7]);
        Assert.Equal((ulong)state.Snapshot.Version, Assert.Single(fields, static field => field.Number == SessionField.Version).Value);
        Assert.Equal(32, Bytes(Assert.Single(fields, static field => field.Number == SessionField.Verifier)).Length);

        var entries = fields.Where(static field => field.Number == SessionField.Entry).Select(static field => Read(Bytes(field))).ToArray();
        Assert.Equal(state.Snapshot.Data.Keys, entries.Select(static entry => System.Text.Encoding.UTF8.GetString(Bytes(entry[0]))));
        Assert.All(entries, static entry => Assert.Equal(SessionField.EntryKey, entry[0].Number));
        Assert.Equal("Ada"u8.ToArray(), Bytes(Assert.Single(entries, static entry => Bytes(entry[0]).AsSpan().SequenceEqual("name"u8))[^1]));

        var operations = fields.Where(static field => field.Number == SessionField.Operation).Select(static field => Read(Bytes(field))).ToArray();
        Assert.Equal(
            [(1, (object)0x1122334455667788UL), (2, 41UL), (3, (ulong)Sample.Now.UtcTicks)],
            operations.Single(static operation => operation.Contains((2, 41UL)))[..3]);
        Assert.Equal(4, operations.Length);
    }

    [Fact]
    public void Tombstone_is_read_by_the_numbers_of_its_fields_without_the_products_reader() => Assert.Equal(
        [(100, 2UL), (SessionField.Tombstone, (object)1UL), (SessionField.CreateEndsAt, (ulong)Sample.Now.UtcTicks)],
        Read(SessionRecordCodec.EncodeTombstone(Sample.Now)));

    private static byte[] Bytes((int Number, object Value) field) => Assert.IsType<byte[]>(field.Value);

    /// <summary>The fields of a message in their order: numbers as they are, all else as bytes.</summary>
    private static (int Number, object Value)[] Read(byte[] message)
    {
        List<(int, object)> fields = [];
        using var input = new CodedInputStream(message);
        while (input.ReadTag() is var tag && tag != 0)
        {
            fields.Add((WireFormat.GetTagFieldNumber(tag), WireFormat.GetTagWireType(tag) switch
            {
                WireFormat.WireType.Varint => input.ReadUInt64(),
                WireFormat.WireType.Fixed64 => input.ReadFixed64(),
                WireFormat.WireType.LengthDelimited => input.ReadBytes().ToByteArray(),
                var other => throw new InvalidDataException($"Field {WireFormat.GetTagFieldNumber(tag)} has the wire type {other}."),
            }));
        }

        return [.. fields];
    }
}
