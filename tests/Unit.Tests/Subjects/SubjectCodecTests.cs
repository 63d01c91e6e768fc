using System.Text;

namespace ServerSession.Tests.Subjects;

/// <summary>The stored forms of a user's list, and what a session's row says of it, byte by byte: rows that were written stay readable.</summary>
public class SubjectCodecTests
{
    private static readonly SessionId Session = SessionId.FromGrainKey(new Guid("00112233-4455-6677-8899-aabbccddeeff"));

    [Fact]
    public void Head_is_written_as_it_was_when_the_form_was_made()
    {
        var bytes = SubjectCodec.EncodeHead(Head());

        Assert.Equal(Hex(Expected()), Hex(bytes));
    }

    /// <summary>The second is the form that versions before format 2 wrote.</summary>
    [Theory]
    [InlineData(2)]
    [InlineData(1)]
    public void Head_is_read_as_it_was_written(int format)
    {
        var head = SubjectCodec.DecodeHead(format == 2 ? SubjectCodec.EncodeHead(Head()) : Format1());

        var entry = Assert.Single(head.Entries);
        Assert.Equal((Session, 5L, "phone"), (entry.Session, entry.Number, entry.Label));
        Assert.Equal((5L, 6L, 7L), (entry.CreatedAt.Ticks, entry.LastSeenAt.Ticks, entry.ExpiresAt.Ticks));
        var segment = Assert.Single(head.Segments);
        Assert.Equal((7UL, 1L, 2L, 3, 100L), (segment.Row, segment.First, segment.Last, segment.Count, segment.DueAt.Ticks));
        Assert.Equal((5L, 3L, 2L), (head.LastNumber, head.EndedThrough, head.Kept));
        Assert.True(head.IsEnded(3));
        Assert.False(head.IsEnded(2));
        Assert.False(head.IsEnded(4));
    }

    [Fact]
    public void Field_of_a_newer_silo_is_passed_over()
    {
        byte[] bytes = [.. SubjectCodec.EncodeHead(Head()), 0x98, 0x06, 42];

        Assert.Equal(5, SubjectCodec.DecodeHead(bytes).LastNumber);
    }

    [Theory]
    [InlineData("")]
    [InlineData("02")]
    [InlineData("0103FF")]
    [InlineData("010302040A")]
    [InlineData("A00603")]
    [InlineData("A006020AFF")]
    [InlineData("A006020A02100A")]
    public void Bytes_that_are_no_head_are_refused(string hex)
    {
        Assert.Throws<InvalidDataException>(() => SubjectCodec.DecodeHead(Convert.FromHexString(hex)));
        Assert.Null(SubjectCodec.ReadDue(Convert.FromHexString(hex)));
    }

    [Fact]
    public void List_is_due_when_its_first_session_expires_or_when_something_was_ended()
    {
        var head = new SubjectHead { LastNumber = 9 };
        head.Add(Entry(5, expires: 70));
        head.Add(Entry(6, expires: 60));
        Assert.Equal(60, SubjectCodec.DueAt(head).Ticks);

        head.EndedThrough = 5;
        Assert.Equal(0, SubjectCodec.DueAt(head).Ticks);
        head.Kept = 5;
        Assert.Equal(60, SubjectCodec.DueAt(head).Ticks);
    }

    /// <summary>A session's row names the user by its hash alone; without a user it is as it was before there were any.</summary>
    [Fact]
    public void Row_of_a_bound_session_has_its_binding_and_one_without_has_nothing_of_it()
    {
        var state = new SessionState
        {
            Snapshot = new SessionSnapshot(1, new DateTimeOffset(1000, TimeSpan.Zero), SessionTerms.Default, SessionData.Empty),
            Verifier = SessionVerifier.New().Hash(),
            CreateEndsAt = new DateTimeOffset(2000, TimeSpan.Zero),
        };
        var unbound = SessionRecordCodec.Encode(state, new DateTimeOffset(1000, TimeSpan.Zero));
        var subject = SubjectKey.FromGrainKey(new Guid("00112233-4455-6677-8899-aabbccddeeff"));
        var bound = SessionRecordCodec.Encode(state with { Binding = new SubjectBinding(subject, 7), Epoch = 3 }, new DateTimeOffset(1000, TimeSpan.Zero));

        // 16 subject, 17 number, 18 epoch.
        Assert.Equal(Hex(unbound) + "820110" + "00112233445566778899AABBCCDDEEFF" + "880107" + "900103", Hex(bound));
        var record = SessionRecordCodec.Decode(bound);
        Assert.Equal(new SubjectBinding(subject, 7), record.State!.Binding);
        Assert.Equal(3, record.State.Epoch);
        Assert.Null(SessionRecordCodec.Decode(unbound).State!.Binding);
    }

    /// <summary>The keys of all lists depend on it.</summary>
    [Fact]
    public void Hash_of_a_user_never_changes()
    {
        var secret = new SubjectSecret(Enumerable.Range(0, 32).Select(static number => (byte)number).ToArray());

        Assert.Equal("9556fd532c3b9e35076ea008688401f9", SubjectHash.Of(secret, "ada").ToString());
        Assert.NotEqual(SubjectHash.Of(secret, "ada"), SubjectHash.Of(secret, "Ada"));
        Assert.Equal("[redacted]", secret.ToString());
    }

    private static SubjectEntry Entry(long number, long expires, string? label = null) => new(Session, number, new DateTimeOffset(5, TimeSpan.Zero), label)
    {
        LastSeenAt = new DateTimeOffset(6, TimeSpan.Zero),
        ExpiresAt = new DateTimeOffset(expires, TimeSpan.Zero),
    };

    private static SubjectHead Head()
    {
        var head = new SubjectHead { LastNumber = 5, EndedThrough = 3, Kept = 2 };
        head.Add(Entry(5, expires: 7, "phone"));
        head.Segments.Add(new SubjectSegment(7, 1, 2) { Count = 3, DueAt = new DateTimeOffset(100, TimeSpan.Zero) });
        return head;
    }

    private static byte[] Expected()
    {
        byte[] id = Convert.FromHexString("00112233445566778899AABBCCDDEEFF");
        byte[] entry = [0x0A, 16, .. id, 0x10, 5, 0x18, 5, 0x20, 6, 0x28, 7, 0x32, 5, .. Encoding.UTF8.GetBytes("phone")];
        byte[] segment = [0x08, 7, 0x10, 1, 0x18, 2, 0x20, 3, 0x28, 100];
        return [0xA0, 0x06, 2, 0x0A, (byte)entry.Length, .. entry, 0x12, (byte)segment.Length, .. segment, 0x18, 5, 0x20, 3, 0x28, 2];
    }

    private static byte[] Format1()
    {
        byte[] id = Convert.FromHexString("00112233445566778899AABBCCDDEEFF");
        byte[] entry = [0x03, 16, .. id, 0x04, 5, 0x06, 5, 0x08, 6, 0x0A, 7, 0x0D, 5, .. Encoding.UTF8.GetBytes("phone")];
        byte[] segment = [0x02, 7, 0x04, 1, 0x06, 2, 0x08, 3, 0x0A, 100];
        return [1, 0x03, (byte)entry.Length, .. entry, 0x05, (byte)segment.Length, .. segment, 0x06, 5, 0x08, 3, 0x0A, 2];
    }

    private static string Hex(byte[] bytes) => Convert.ToHexString(bytes);
}
