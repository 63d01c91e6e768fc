using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;

namespace ServerSession.Tests;

/// <summary>Text comes back as it was, code unit by code unit, or is refused: UTF-8 cannot carry half of a surrogate pair.</summary>
public sealed class TextTests
{
    private static readonly IOptions<ServerSessionJsonOptions> Json = Options.Create(new ServerSessionJsonOptions());

    private static readonly ISessionSerializer[] Serializers = [new JsonSessionSerializer(Json), new PlainSessionSerializer(Json)];

    private sealed record Note(string Text);

    /// <summary>Texts by the hexadecimal numbers of their code units, because what cannot be carried cannot be a test's name.</summary>
    public static TheoryData<string> Broken => ["d83d", "de00", "61 d83d", "d83d 61", "de00 d83d", "d83d d83d de00", "d83d de00 de00", "22 d83d", "a d83d 5c"];

    [Theory]
    [MemberData(nameof(Broken))]
    public void Serialize_of_an_unpaired_surrogate_is_refused_in_every_form(string units)
    {
        var text = Text(units);
        foreach (var serializer in Serializers)
        {
            Refuses(serializer, text);
            Refuses(serializer, new Note(text));
            Refuses(serializer, new List<string> { "a", text });
            Refuses(serializer, new Dictionary<string, int> { [text] = 1 });
            Refuses(serializer, new Dictionary<string, object> { ["a"] = text });
            Refuses<object>(serializer, text);
            Refuses<JsonNode>(serializer, new JsonObject { ["a"] = text });
            Refuses<JsonNode>(serializer, new JsonObject { [text] = 1 });
        }
    }

    [Fact]
    public void Serialize_of_half_a_pair_as_character_is_refused()
    {
        foreach (var serializer in Serializers)
        {
            Refuses(serializer, '\ud83d');
            Refuses(serializer, new[] { 'a', '\ude00' });
            Assert.Equal('é', serializer.Deserialize<char>(serializer.Serialize('é')));
        }
    }

    [Fact]
    public void Serialize_of_every_character_brings_it_back()
    {
        var all = new StringBuilder();
        for (var scalar = 0; scalar <= 0x10ffff; scalar += scalar < 0x3000 ? 1 : 7)
        {
            if (Rune.IsValid(scalar))
            {
                all.Append(new Rune(scalar).ToString());
            }
        }

        all.Append("\ufffd\ufffe\uffff");
        var text = all.ToString();
        foreach (var serializer in Serializers)
        {
            Assert.Equal(text, serializer.Deserialize<string>(serializer.Serialize(text)));
            Assert.Equal(text, serializer.Deserialize<Note>(serializer.Serialize(new Note(text)))!.Text);
            Assert.Equal(1, serializer.Deserialize<Dictionary<string, int>>(serializer.Serialize(new Dictionary<string, int> { [text] = 1 }))![text]);
        }
    }

    [Theory]
    [InlineData("", "\"\"")]
    [InlineData("é", "\"é\"")]
    [InlineData("<b>&'+`", "\"<b>&'+`\"")]
    [InlineData("🎭", "\"🎭\"")]
    [InlineData("a\"b\\c\u0001\n\r\t\b\f\u001f/", @"""a\""b\\c\u0001\n\r\t\b\f\u001f/""")]
    public void Json_of_text_has_the_escapes_that_json_demands(string text, string json) =>
        Assert.Equal(json, Encoding.UTF8.GetString(Serializers[0].Serialize(text)));

    [Fact]
    public void Plain_of_bytes_that_are_no_text_is_not_read_as_text() =>
        Assert.ThrowsAny<ArgumentException>(static () => Serializers[1].Deserialize<string>(new byte[] { 0xff, 0xfe }));

    [Fact]
    public void Plain_of_null_is_refused()
    {
        Refuses<string?>(Serializers[1], null);
        Refuses<byte[]?>(Serializers[1], null);
    }

    [Fact]
    public async Task Set_of_an_unpaired_surrogate_changes_nothing()
    {
        await using var app = await TestApp.StartAsync(static app =>
        {
            app.MapGet("/set", (HttpContext context) => context.GetServerSession().Set("t", "\ufffd"));
            app.MapGet("/try", async (HttpContext context) =>
            {
                var session = context.GetServerSession();
                var refused = Assert.Throws<SessionValueException>(() => session.Set("t", "a\ud83d"));
                await Assert.ThrowsAsync<SessionValueException>(async () => await session.CompareAndSetAsync("t", "\ud83d", "wrong"));
                await Assert.ThrowsAsync<SessionValueException>(async () => await session.CompareAndSetAsync("t", "\ufffd", "\ud83d"));
                await Assert.ThrowsAsync<SessionValueException>(async () => await session.GetOrSetAsync("n", "\ud83d"));
                await Assert.ThrowsAsync<SessionValueException>(async () => await session.TryAddAsync("n", "\ud83d"));
                await Assert.ThrowsAsync<SessionValueException>(async () => await session.AppendAsync("n", "\ud83d", 3));
                Assert.Throws<ArgumentException>(() => session.Set("a\ud83d", 1));
                return refused.Message;
            });
            app.MapGet("/read", async (HttpContext context) => await context.GetServerSession().GetAsync<string>("t") ?? "none");
        });
        var token = await app.NewSessionAsync();

        var message = await app.GetTextAsync("/try", token);

        Assert.Contains("unpaired surrogate", message, StringComparison.Ordinal);
        Assert.Contains("byte array", message, StringComparison.Ordinal);
        Assert.Equal("\ufffd", await app.GetTextAsync("/read", token));
        Assert.DoesNotContain("commit", app.Store.TakeCalls());
    }

    [Fact]
    public async Task Set_of_a_text_at_the_limit_counts_it_in_utf8()
    {
        await using var app = await TestApp.StartAsync(new TestSetup
        {
            Options = static options => options.Limits = options.Limits with { ValueBytes = 100 },
            Inside = static app => app.MapGet("/", (HttpContext context) =>
            {
                var session = context.GetServerSession();
                session.Set("fits", new string('é', 49));
                Assert.Throws<SessionLimitException>(() => session.Set("too long", new string('é', 50)));
                return "done";
            }),
        });

        Assert.Equal("done", await app.GetTextAsync("/"));
    }

    private static string Text(string units) => string.Concat(units.Split(' ').Select(static unit => (char)Convert.ToInt32(unit, 16)));

    private static void Refuses<T>(ISessionSerializer serializer, T value) => Assert.Throws<SessionValueException>(() => serializer.Serialize(value));
}
