using CsCheck;
using ServerSession.Tests.Support;

namespace ServerSession.Tests.Stored;

public sealed class SessionRecordCodecTests
{
    /// <summary>What stores hold today. If this fails, sessions that were stored cannot be read: add a field, never change one.</summary>
    private const string GoldenRecord =
        "A006021080C0B084A1F19DEF081880FCF19AACF19DEF082080F085DA2C28808091C782B00130013880ADE20442209F9F5111F7B27A781F" +
        "1F1DDDE5EBC2DD2B796BFC7365C9C28B548E564176929F4A203465F6E6975BAA864CA957F0914ECDA9BF7EB601AC31AC20A5DC3D329279" +
        "A8435080CCBDA2A3F19DEF0858AC026080E3F3CBA1F19DEF086A090A05656D7074791A006A120A046C69737410011A08036F6E65037477" +
        "6F6A0B0A046E616D651A034164616A1C0A08D0BAD0BBD18ED1871A10D0B7D0BDD0B0D187D0B5D0BDD0B8D0B59A01150988776655443322" +
        "1110291880C0B084A1F19DEF089A0117098877665544332211102A18C0DABC84A1F19DEF0820299A0127098899AABBCCDDEEFF100718F0" +
        "D3B984A1F19DEF082A0A0801120231321800200C2A04080020009A0129098877665544332211102B1880F5C884A1F19DEF08202932100A" +
        "0A546F6F206C617267652E1004180078809DEDBCA0F19DEF08";

    private const string GoldenTombstone = "A0060208016080C0B084A1F19DEF08";

    /// <summary>What versions before format 2 have stored.</summary>
    private const string Format1Record =
        "010480C0B084A1F19DEF080680FCF19AACF19DEF080880F085DA2C0A808091C782B0010C010E80ADE20411209F9F5111F7B27A781F1F1D" +
        "DDE5EBC2DD2B796BFC7365C9C28B548E564176929F13203465F6E6975BAA864CA957F0914ECDA9BF7EB601AC31AC20A5DC3D329279A843" +
        "1480CCBDA2A3F19DEF0816AC021880E3F3CBA1F19DEF081B090305656D70747907001B1203046C69737404010708036F6E650374776F1B" +
        "0B03046E616D6507034164611B1C0308D0BAD0BBD18ED1870710D0B7D0BDD0B0D187D0B5D0BDD0B8D0B51D500088776655443322115280" +
        "80E188C2E2BBDE11020280B518018899AABBCCDDEEFF0E9F8D06120B0A0201050231320600080C0B04020008000502A0C21E120D10030A" +
        "546F6F206C617267652E040406001E809DEDBCA0F19DEF08";

    private const string Format1Tombstone = "0102011880C0B084A1F19DEF08";

    [Fact]
    public void Encode_of_a_full_record_is_the_golden_bytes() =>
        Assert.Equal(GoldenRecord, Convert.ToHexString(SessionRecordCodec.Encode(SampleStates.Full(), SampleStates.LastAccess)));

    [Fact]
    public void Decode_of_the_golden_bytes_is_the_full_record()
    {
        var record = SessionRecordCodec.Decode(Convert.FromHexString(GoldenRecord));

        Assert.Equal(SampleStates.LastAccess, record.LastAccess);
        AssertSame(SampleStates.Full(), record.State!);
    }

    [Fact]
    public void Tombstone_is_the_golden_bytes_both_ways()
    {
        Assert.Equal(GoldenTombstone, Convert.ToHexString(SessionRecordCodec.EncodeTombstone(Sample.Now)));
        var record = SessionRecordCodec.Decode(Convert.FromHexString(GoldenTombstone));
        Assert.True(record.IsTombstone);
        Assert.Equal(Sample.Now, record.CreateEndsAt);
    }

    [Fact]
    public void Decode_of_any_encoded_state_is_that_state() =>
        SampleStates.Any.Play(
            count: 2000,
            state =>
            {
                var bytes = SessionRecordCodec.Encode(state, SampleStates.LastAccess);
                var record = SessionRecordCodec.Decode(bytes);
                AssertSame(state, record.State!);
                Assert.Equal(bytes, SessionRecordCodec.Encode(record.State!, record.LastAccess));
                Assert.Equal(bytes, SessionRecordCodec.Encode(state, SampleStates.LastAccess));
            });

    [Fact]
    public void Encode_of_a_hot_session_does_not_grow_with_its_operations()
    {
        var session = new Session { IsNumbered = true };
        session.Commit(Sample.Set("k", "v"));
        var first = SessionRecordCodec.Encode(session.State, session.Now).Length;
        for (var number = 0; number < 100; number++)
        {
            session.Now += TimeSpan.FromMilliseconds(100);
            session.Commit(Sample.Set("k", "v"));
        }

        Assert.Equal(first, SessionRecordCodec.Encode(session.State, session.Now).Length);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Decode_of_a_hot_session_that_was_stored_after_each_operation_is_that_session(bool isNumbered)
    {
        var session = new Session { IsNumbered = isNumbered };
        for (var number = 0; number < 500; number++)
        {
            session.Now += TimeSpan.FromMilliseconds(100 + (number % 7 * 40));
            session.Commit(number % 11 == 0 ? SessionChange.Append("list", new byte[number], 3) : Sample.Set("k", "v"));

            var record = SessionRecordCodec.Decode(SessionRecordCodec.Encode(session.State, session.Now));
            AssertSame(session.State, record.State!);
        }
    }

    [Fact]
    public void Decode_of_format_1_is_the_session_that_was_stored()
    {
        var record = SessionRecordCodec.Decode(Convert.FromHexString(Format1Record));

        Assert.Equal(SampleStates.LastAccess, record.LastAccess);
        AssertSame(SampleStates.Full(isNumbered: false), record.State!);
        Assert.Equal(SampleStates.Full().Deadline(SampleStates.LastAccess), SessionRowDue.Read(Convert.FromHexString(Format1Record)));

        var tombstone = SessionRecordCodec.Decode(Convert.FromHexString(Format1Tombstone));
        Assert.True(tombstone.IsTombstone);
        Assert.Equal(Sample.Now, tombstone.CreateEndsAt);
    }

    [Fact]
    public void Encode_of_what_was_read_in_format_1_is_format_2_with_the_same_unknown_fields()
    {
        byte[] unknown = [0xF0, 0x1F, 0x05, 0xF3, 0x1F, 0x03, 1, 2, 3];
        var state = SessionRecordCodec.Decode((byte[])[.. Convert.FromHexString(Format1Record), .. unknown]).State!;

        var bytes = SessionRecordCodec.Encode(state, SampleStates.LastAccess);

        Assert.Equal([.. SessionRecordCodec.Encode(SampleStates.Full(isNumbered: false), SampleStates.LastAccess), .. UnknownNumber(2040), .. UnknownBytes(2041)], bytes);
    }

    [Fact]
    public void Decode_passes_over_unknown_fields()
    {
        var bytes = SessionRecordCodec.Encode(SampleStates.Full(), SampleStates.LastAccess);
        byte[] unknown = [.. UnknownNumber(510), .. UnknownBytes(511), .. UnknownFixed(512)];

        AssertSame(SampleStates.Full(), SessionRecordCodec.Decode((byte[])[.. bytes[..Header], .. unknown, .. bytes[Header..], .. unknown]).State!);
    }

    /// <summary>A silo of the present version used to drop what a newer one had stored, when it stored a touch.</summary>
    [Fact]
    public void Encode_of_a_record_with_unknown_fields_writes_them_back()
    {
        var bytes = SessionRecordCodec.Encode(SampleStates.Full(), SampleStates.LastAccess);
        var state = SessionRecordCodec.Decode((byte[])[.. bytes[..Header], .. UnknownNumber(510), .. bytes[Header..], .. UnknownBytes(511), .. UnknownFixed(512)]).State!;
        var later = SampleStates.LastAccess + TimeSpan.FromMinutes(1);

        Assert.Equal(
            [.. SessionRecordCodec.Encode(SampleStates.Full(), later), .. UnknownNumber(510), .. UnknownBytes(511), .. UnknownFixed(512)],
            SessionRecordCodec.Encode(state with { Verifier = state.Verifier }, later));
        Assert.Null(SessionRecordCodec.Decode(bytes).State!.UnknownFields);
    }

    [Fact]
    public void Decode_of_a_newer_version_names_the_fix()
    {
        var fault = Assert.Throws<NotSupportedException>(() => SessionRecordCodec.Decode(new byte[] { 0xA0, 0x06, 3 }));
        Assert.Contains("Update this silo", fault.Message, StringComparison.Ordinal);
    }

    /// <summary>The bytes that say which format it is.</summary>
    private const int Header = 3;

    private static byte[] UnknownNumber(int field) => [.. Tag(field, 0), 5];

    private static byte[] UnknownBytes(int field) => [.. Tag(field, 2), 3, 1, 2, 3];

    private static byte[] UnknownFixed(int field) => [.. Tag(field, 1), 1, 2, 3, 4, 5, 6, 7, 8, .. Tag(field, 5), 1, 2, 3, 4];

    private static byte[] Tag(int field, int type)
    {
        var bytes = new byte[5];
        return bytes[..Varint.Write(bytes, (uint)((field << 3) | type))];
    }

    internal static void AssertSame(SessionState expected, SessionState actual)
    {
        Assert.Equal(expected.Snapshot.Version, actual.Snapshot.Version);
        Assert.Equal(expected.Snapshot.CreatedAt, actual.Snapshot.CreatedAt);
        Assert.Equal(expected.Snapshot.Terms, actual.Snapshot.Terms);
        Assert.Equal(expected.Snapshot.Data.TotalBytes, actual.Snapshot.Data.TotalBytes);
        Assert.Equal(Show(expected.Snapshot.Data), Show(actual.Snapshot.Data));
        Assert.Equal(expected.Verifier, actual.Verifier);
        Assert.Equal(expected.Previous, actual.Previous);
        Assert.Equal(expected.RotatedAt, actual.RotatedAt);
        Assert.Equal(expected.CreateEndsAt, actual.CreateEndsAt);
        Assert.Equal(expected.Operations.ExpiredThrough, actual.Operations.ExpiredThrough);
        Assert.Equal(Show(expected.Operations), Show(actual.Operations));
    }

    private static IEnumerable<string> Show(SessionData data) =>
        data.Entries.ToArray().Select(entry => $"{entry.Key}={Show(entry.Value)}");

    private static string Show(SessionValue? value) => value is { } some ? $"{some.Kind}:{Convert.ToHexString(some.Bytes.Span)}" : "null";

    private static IEnumerable<string> Show(OperationLog log) => log.Records.ToArray().Select(record =>
        $"{record.Id} {record.IssuedTicks} {record.FirstUnanswered} {record.Outcome} {record.Refusal} " +
        string.Join(';', (record.Results ?? []).Select(result => $"{result.Applied} {Show(result.Value)} {result.Number}")));
}
