using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace ServerSession.Tests;

/// <summary>Values that come with a <c>JsonTypeInfo</c>, and simple values that need none.</summary>
public sealed partial class ValueContractTests
{
    private sealed record Cart(string Name, int[] Items);

    [JsonSerializable(typeof(Cart))]
    private sealed partial class OwnJson : JsonSerializerContext;

    [JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
    [JsonSerializable(typeof(Cart))]
    private sealed partial class WebJson : JsonSerializerContext;

    /// <summary>Runs a body as a request that has a session, and hands its exception back to the test.</summary>
    private static async Task RunAsync(Func<IServerSession, Task> body, Action<IServerSessionBuilder>? sessions = null)
    {
        Exception? failure = null;
        await using var app = await TestApp.StartAsync(new TestSetup
        {
            Sessions = sessions ?? (static _ => { }),
            Inside = app =>
            {
                app.MapGet("/set", static (HttpContext context) => context.GetServerSession().Set("a", "one"));
                app.MapGet("/", async (HttpContext context) => failure = await Record.ExceptionAsync(() => body(context.GetServerSession())));
            },
        });

        await app.SendAsync("/", await app.NewSessionAsync());

        if (failure is not null)
        {
            throw failure;
        }
    }

    private static async Task ComesBackAsync<T>(IServerSession session, SessionScalar scalar, T value)
    {
        session.Remove("scalar");
        session.Set("scalar", scalar);
        Assert.Equal(value, await session.GetAsync<T>("scalar"));
        Assert.True(await session.CompareAndSetAsync("scalar", value, value), $"A {typeof(T).Name} was stored in another form.");
        session.Remove("scalar");
        Assert.True(await session.TryAddAsync("scalar", scalar));
        Assert.False(await session.TryAddAsync("scalar", scalar));
        Assert.Equal(value, await session.GetAsync<T>("scalar"));
    }

    [Fact]
    public Task Set_of_a_simple_value_stores_what_its_type_stores() => RunAsync(static async session =>
    {
        await ComesBackAsync(session, "é", "é");
        await ComesBackAsync(session, (string?)null, (string?)null);
        await ComesBackAsync(session, new byte[] { 0, 255 }, new byte[] { 0, 255 });
        await ComesBackAsync(session, true, true);
        await ComesBackAsync(session, 'é', 'é');
        await ComesBackAsync(session, sbyte.MinValue, sbyte.MinValue);
        await ComesBackAsync(session, byte.MaxValue, byte.MaxValue);
        await ComesBackAsync(session, short.MinValue, short.MinValue);
        await ComesBackAsync(session, ushort.MaxValue, ushort.MaxValue);
        await ComesBackAsync(session, int.MinValue, int.MinValue);
        await ComesBackAsync(session, uint.MaxValue, uint.MaxValue);
        await ComesBackAsync(session, long.MinValue, long.MinValue);
        await ComesBackAsync(session, ulong.MaxValue, ulong.MaxValue);
        await ComesBackAsync(session, -0.1f, -0.1f);
        await ComesBackAsync(session, double.MinValue, double.MinValue);
        await ComesBackAsync(session, -9.990m, -9.990m);
        await ComesBackAsync(session, new DateTime(2026, 2, 28, 1, 2, 3, DateTimeKind.Utc), new DateTime(2026, 2, 28, 1, 2, 3, DateTimeKind.Utc));
        await ComesBackAsync(session, new DateTimeOffset(2026, 2, 28, 1, 2, 3, TimeSpan.FromMinutes(-210)), new DateTimeOffset(2026, 2, 28, 1, 2, 3, TimeSpan.FromMinutes(-210)));
        await ComesBackAsync(session, new DateOnly(2026, 2, 28), new DateOnly(2026, 2, 28));
        await ComesBackAsync(session, new TimeOnly(23, 59, 59), new TimeOnly(23, 59, 59));
        await ComesBackAsync(session, TimeSpan.FromTicks(-123456789), TimeSpan.FromTicks(-123456789));
        await ComesBackAsync(session, Guid.Parse("6f9619ff-8b86-d011-b42d-00cf4fc964ff"), Guid.Parse("6f9619ff-8b86-d011-b42d-00cf4fc964ff"));
    });

    /// <summary>A character is not taken for the number that it converts to.</summary>
    [Fact]
    public Task Set_of_a_character_stores_text() => RunAsync(static async session =>
    {
        session.Set("c", 'x');
        Assert.Equal("x", await session.GetAsync<string>("c"));
    });

    [Fact]
    public Task Set_with_a_contract_comes_back_by_every_operation() => RunAsync(static async session =>
    {
        var type = OwnJson.Default.Cart;
        session.Set("cart", new Cart("mine", [1, 2]), type);
        Assert.Equal("mine", (await session.GetAsync("cart", type))!.Name);
        var (found, cart) = await session.TryGetAsync("cart", type);
        Assert.True(found);
        Assert.Equal([1, 2], cart!.Items);
        Assert.Equal("mine", (await session.GetOrSetAsync("cart", new Cart("other", []), type)).Name);
        Assert.True(await session.CompareAndSetAsync("cart", new Cart("mine", [1, 2]), new Cart("yours", []), type));
        Assert.False(await session.TryAddAsync("cart", new Cart("other", []), type));
        Assert.Equal("yours", (await session.TakeAsync("cart", type)).Value!.Name);
        Assert.Equal(1, await session.AppendAsync("list", new Cart("first", []), 2, type));
        Assert.Equal("first", Assert.Single(await session.GetListAsync("list", type)).Name);

        session.Set("cart", new Cart("behind", []), type);
        var background = await session.CreateBackgroundSessionAsync();
        Assert.Equal("behind", (await background!.GetAsync("cart", type))!.Name);
        await background.SetAsync("number", 7);
        Assert.Equal(7, await background.GetAsync("number", SessionJson.Int32));
        Assert.False(await background.TryAddAsync("number", 8));
    });

    [Fact]
    public Task Set_with_a_contract_of_web_defaults_meets_the_calls_without_one() => RunAsync(static async session =>
    {
        session.Set("cart", new Cart("é", [1]), WebJson.Default.Cart);
        Assert.Equal("é", (await session.GetAsync<Cart>("cart"))!.Name);
        Assert.True(await session.CompareAndSetAsync("cart", new Cart("é", [1]), new Cart("new", [])));
        Assert.Equal("new", (await session.GetAsync("cart", WebJson.Default.Cart))!.Name);
    });

    [Fact]
    public Task Set_with_a_contract_refuses_text_that_is_no_Unicode() => RunAsync(static async session =>
    {
        Assert.Throws<SessionValueException>(() => session.Set("cart", new Cart("\ud83d", []), OwnJson.Default.Cart));
        Assert.False(await session.ContainsAsync("cart"));
    });

    [Fact]
    public Task Set_of_a_simple_value_follows_the_converters_of_the_application() => RunAsync(
        static async session =>
        {
            session.Set("flag", true);
            Assert.Equal("yes", await session.GetAsync<string>("flag"));
            Assert.True(await session.GetAsync("flag", SessionJson.Boolean));
        },
        static sessions => sessions.ConfigureJson(static json => json.Converters.Add(new YesNo())));

    [Fact]
    public Task Set_of_text_in_plain_form_is_its_bytes() => RunAsync(
        static async session =>
        {
            session.Set("text", "é");
            Assert.Equal(Encoding.UTF8.GetBytes("é"), await session.GetAsync("text", SessionJson.ByteArray));
            session.Set("cart", new Cart("mine", []), OwnJson.Default.Cart);
            Assert.Equal("mine", (await session.GetAsync("cart", OwnJson.Default.Cart))!.Name);
        },
        static sessions => sessions.UseSerializer<PlainSessionSerializer>());

    [Fact]
    public Task Set_with_a_contract_and_a_serializer_that_knows_none_uses_the_serializer() => RunAsync(
        static async session =>
        {
            session.Set("cart", new Cart("mine", [1]), OwnJson.Default.Cart);
            Assert.Equal(new Cart("fixed", []).Name, (await session.GetAsync("cart", OwnJson.Default.Cart))!.Name);
            Assert.Equal("fixed", (await session.GetAsync<Cart>("cart"))!.Name);
        },
        static sessions => sessions.UseSerializer<FixedSerializer>());

    private sealed class YesNo : JsonConverter<bool>
    {
        public override bool Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => reader.GetString() == "yes";

        public override void Write(Utf8JsonWriter writer, bool value, JsonSerializerOptions options) => writer.WriteStringValue(value ? "yes" : "no");
    }

    private sealed class FixedSerializer : ISessionSerializer
    {
        public byte[] Serialize<T>(T value) => [1];

        public T? Deserialize<T>(ReadOnlyMemory<byte> bytes) => (T)(object)new Cart("fixed", []);
    }
}
