using System.Text;

namespace ServerSession.Tests.Keys;

/// <summary>The pure rules and the stored form of a Data Protection key ring.</summary>
public class DataProtectionKeysTests
{
    private static readonly DateTimeOffset Now = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Add_of_an_element_that_is_there_changes_nothing()
    {
        var element = Element("<key/>");
        var ring = DataProtectionKeys.Empty.Add(element, Now)!;

        Assert.Same(ring, ring.Add(new DataProtectionKeyElement(element.Id, "other", "<other/>"), Now));
        Assert.Equal("<key/>", Assert.Single(ring.Elements).Xml);
    }

    [Fact]
    public void Add_of_an_element_that_was_deleted_a_moment_ago_changes_nothing_and_later_it_is_a_new_one()
    {
        var element = Element("<key/>");
        var ring = DataProtectionKeys.Empty.Add(element, Now)!.Remove([element.Id], Now);

        Assert.Same(ring, ring.Add(element, Now + TimeSpan.FromMinutes(1)));
        var later = ring.Add(Element("<other/>"), Now + TimeSpan.FromMinutes(6))!;
        Assert.Empty(later.Deleted);
        Assert.Equal(2, later.Add(element, Now + TimeSpan.FromMinutes(6))!.Elements.Count);
    }

    [Fact]
    public void Remove_of_what_is_not_there_changes_nothing()
    {
        var ring = DataProtectionKeys.Empty.Add(Element("<key/>"), Now)!;

        Assert.Same(ring, ring.Remove([Guid.NewGuid()], Now));
    }

    [Fact]
    public void Add_over_the_limits_is_refused()
    {
        var large = new DataProtectionKeys([Element(new string('x', DataProtectionKeys.MaximumCharacters - 8))], DataProtectionKeys.Empty.Deleted);
        var many = new DataProtectionKeys([.. Enumerable.Range(0, DataProtectionKeys.MaximumElements).Select(static _ => Element("<k/>"))], DataProtectionKeys.Empty.Deleted);

        Assert.Null(large.Add(Element("<key/>"), Now));
        Assert.Null(many.Add(Element("<key/>"), Now));
        Assert.NotNull(large.Add(Element(""), Now));
    }

    [Fact]
    public void Encode_then_decode_gives_the_same_ring()
    {
        var ring = DataProtectionKeys.Empty.Add(Element("<key name=\"é\"/>"), Now)!.Add(Element("<gone/>"), Now)!;
        ring = ring.Remove([ring.Elements[1].Id], Now);

        var read = DataProtectionKeyCodec.Decode(DataProtectionKeyCodec.Encode(ring));

        Assert.Equal(ring.Elements.Select(static element => (element.Id, element.Name, element.Xml)), read.Elements.Select(static element => (element.Id, element.Name, element.Xml)));
        Assert.Equal(ring.Deleted, read.Deleted);
    }

    [Fact]
    public void Decode_of_format_1_is_the_ring_that_versions_before_format_2_stored()
    {
        byte[] id = [.. Enumerable.Range(1, 16).Select(static number => (byte)number)];
        byte[] element = [0x03, 16, .. id, 0x05, 1, (byte)'n', 0x07, 4, .. "<k/>"u8];
        byte[] deleted = [0x03, 16, .. id, 0x04, 9];

        var ring = DataProtectionKeyCodec.Decode([1, 0x03, (byte)element.Length, .. element, 0x05, (byte)deleted.Length, .. deleted]);

        Assert.Equal([(new Guid(id, bigEndian: true), "n", "<k/>")], ring.Elements.Select(static element => (element.Id, element.Name, element.Xml)));
        Assert.Equal(9, ring.Deleted[new Guid(id, bigEndian: true)].UtcTicks);
    }

    [Theory]
    [InlineData("")]
    [InlineData("02")]
    [InlineData("010504")]
    [InlineData("01030301AA")]
    [InlineData("A00603")]
    [InlineData("A006020A030A01AA")]
    public void Decode_of_what_is_no_ring_is_refused(string hex) =>
        Assert.Throws<InvalidDataException>(() => DataProtectionKeyCodec.Decode(Convert.FromHexString(hex)));

    [Fact]
    public void Element_prints_nothing_of_its_content()
    {
        var text = Element("<masterKey>c2VjcmV0</masterKey>").ToString();

        Assert.DoesNotContain("masterKey", text, StringComparison.Ordinal);
        Assert.DoesNotContain(Encoding.UTF8.GetString(Convert.FromBase64String("c2VjcmV0")), text, StringComparison.Ordinal);
    }

    private static DataProtectionKeyElement Element(string xml) => new(Guid.NewGuid(), "name", xml);
}
