namespace ServerSession.Tests.Expiry;

/// <summary>Pages of ids: what is left of them, when they are looked at, and their stored form.</summary>
public class ExpiryPageTests
{
    private static readonly DateTimeOffset Now = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    [Theory]
    [InlineData(1)]
    [InlineData(8)]
    [InlineData(13)]
    [InlineData(1024)]
    public void Without_some_ids_keeps_the_others_also_when_stored(int count)
    {
        var page = ExpiryPage.FromSeed(SessionIdSeed.New(), count, Now, Now + Minute, Now + (2 * Minute));
        var ids = page.Ids();
        var random = new Random(count);

        while (page is not null)
        {
            var stored = Assert.Single(ExpiryCodec.DecodeSegment(ExpiryCodec.EncodeSegment([page])));
            Assert.Equal(page.Ids(), stored.Ids());
            Assert.Equal((page.Key, Now, Now + Minute, Now + (2 * Minute)), (stored.Key, stored.RegisteredAt, stored.SettledAt, stored.DueAt));

            var gone = page.Ids().Where(_ => random.Next(3) == 0).ToHashSet();
            var rest = page.Ids().Except(gone).ToArray();
            page = stored.Without(gone);
            Assert.Equal(rest, page?.Ids() ?? []);
        }

        Assert.Equal(count, ids.Distinct().Count());
    }

    [Fact]
    public void Without_all_ids_of_a_list_is_nothing()
    {
        SessionId[] ids = [SessionId.New(), SessionId.New()];
        var page = ExpiryPage.FromList(Guid.NewGuid(), ids, Now, Now, Now);

        Assert.Equal([ids[1]], page.Without(new HashSet<SessionId> { ids[0] })!.Ids());
        Assert.Null(page.Without(ids.ToHashSet()));
    }

    [Fact]
    public void Encode_of_a_fresh_page_of_256_ids_takes_less_than_50_bytes_and_of_a_used_one_less_than_80()
    {
        var page = ExpiryPage.FromSeed(SessionIdSeed.New(), 256, Now, Now, Now);

        Assert.InRange(ExpiryCodec.SizeOf(page), 1, 49);
        Assert.InRange(ExpiryCodec.SizeOf(page.Without(page.Ids().Take(5).ToHashSet())!), 1, 79);
    }

    [Fact]
    public void NextLook_waits_for_the_first_deadline_but_not_less_than_an_eighth_of_the_age()
    {
        var page = ExpiryPage.FromSeed(SessionIdSeed.New(), 8, Now, Now, Now);

        Assert.Equal(Now + TimeSpan.FromHours(1), page.NextLook(Now, Now + TimeSpan.FromHours(1), Minute));
        Assert.Equal(Now + Minute, page.NextLook(Now, Now, Minute));
        var later = Now + TimeSpan.FromHours(8);
        Assert.Equal(later + TimeSpan.FromHours(1), page.NextLook(later, later + Minute, Minute));
        var muchLater = Now + TimeSpan.FromDays(300);
        Assert.Equal(muchLater + TimeSpan.FromDays(1), page.NextLook(muchLater, muchLater, Minute));
        Assert.Equal(DateTimeOffset.MaxValue, page.NextLook(Now, DateTimeOffset.MaxValue, Minute));
    }

    [Fact]
    public void Head_is_read_as_it_was_written()
    {
        List<ExpirySegment> segments = [new(17) { DueAt = Now, Pages = 3 }, new(ulong.MaxValue) { DueAt = Now + Minute, Pages = 1 }];
        var listed = ExpiryPage.FromList(Guid.NewGuid(), [SessionId.New()], Now, Now, Now);

        var head = ExpiryCodec.DecodeHead(ExpiryCodec.EncodeHead([listed], segments, 99, [5, 6]));

        Assert.Equal(listed.Ids(), Assert.Single(head.Open).Ids());
        Assert.Equal([(17UL, Now, 3), (ulong.MaxValue, Now + Minute, 1)], head.Segments.Select(static segment => (segment.Number, segment.DueAt, segment.Pages)));
        Assert.Equal(99UL, head.Next);
        Assert.Equal([5UL, 6UL], head.Garbage);
    }

    [Fact]
    public void Head_has_the_bytes_that_stored_indexes_have()
    {
        var page = ExpiryPage.FromSeed(new Guid("00010203-0405-0607-0809-0a0b0c0d0e0f"), 16, Now, Now, Now, [3, 128]);

        var bytes = ExpiryCodec.EncodeHead([page], [new ExpirySegment(1) { DueAt = Now, Pages = 2 }], 3, [4]);

        Assert.Equal("a006020a2d0a10000102030405060708090a0b0c0d0e0f10101a02038020809fb7c3ee0128809fb7c3ee0130809fb7c3ee01120b080110809fb7c3ee01180218032004", Convert.ToHexStringLower(bytes));
    }

    [Fact]
    public void Head_in_format_1_is_read_as_versions_before_format_2_wrote_it()
    {
        var head = ExpiryCodec.DecodeHead(Convert.FromHexString("01032d0310000102030405060708090a0b0c0d0e0f04100702038008809fb7c3ee010a809fb7c3ee010c809fb7c3ee01050b020104809fb7c3ee01060206030804"));

        var page = Assert.Single(head.Open);
        Assert.Equal((new Guid("00010203-0405-0607-0809-0a0b0c0d0e0f"), 16, Now), (page.Key, page.Count, page.DueAt));
        Assert.Equal([3, 128], page.Left.ToArray());
        Assert.Equal([(1UL, Now, 2)], head.Segments.Select(static segment => (segment.Number, segment.DueAt, segment.Pages)));
        Assert.Equal(3UL, head.Next);
        Assert.Equal([4UL], head.Garbage);
    }

    [Fact]
    public void Decode_of_bytes_that_are_cut_off_or_changed_is_refused_or_reads_something()
    {
        var page = ExpiryPage.FromSeed(SessionIdSeed.New(), 16, Now, Now, Now, [3, 128]);
        var listed = ExpiryPage.FromList(Guid.NewGuid(), [SessionId.New(), SessionId.New()], Now, Now, Now);
        var bytes = ExpiryCodec.EncodeHead([page, listed], [new ExpirySegment(1) { DueAt = Now, Pages = 2 }], 3, [4]);
        var random = new Random(1);
        for (var round = 0; round < 5000; round++)
        {
            var hostile = bytes[..random.Next(bytes.Length + 1)];
            for (var change = random.Next(4); change > 0 && hostile.Length > 0; change--)
            {
                hostile[random.Next(hostile.Length)] = (byte)random.Next(256);
            }

            try
            {
                foreach (var read in ExpiryCodec.DecodeHead(hostile).Open)
                {
                    read.Ids();
                }
            }
            catch (InvalidDataException)
            {
                // Refused.
            }
        }
    }
}
