using System.Diagnostics;
using System.Reflection;
using System.Text.Json.Serialization;
using Microsoft.Extensions.Options;

namespace ServerSession.Tests;

/// <summary>Values where reflection-based JSON is switched off, as trimming and native compilation do.</summary>
public sealed partial class TrimmedTests
{
    private sealed record Cart(string Name, int[] Items);

    private sealed record Box(object Content);

    [JsonSerializable(typeof(Cart))]
    [JsonSerializable(typeof(Box))]
    private sealed partial class Known : JsonSerializerContext;

    public static TheoryData<object> Simple =>
    [
        "text", true, (byte)1, (sbyte)-1, (short)-2, (ushort)2, -3, 3u, -4L, 4ul, (Int128)5, (UInt128)6, (Half)0.5, 0.25f, 0.125, 9.99m, 'é',
        new DateTime(2026, 2, 28, 1, 2, 3, DateTimeKind.Utc), new DateTimeOffset(2026, 2, 28, 1, 2, 3, TimeSpan.FromHours(2)), new DateOnly(2026, 2, 28),
        new TimeOnly(1, 2, 3), TimeSpan.FromTicks(123456789), Guid.Parse("6f9619ff-8b86-d011-b42d-00cf4fc964ff"), new byte[] { 1, 2, 3 },
        new Uri("https://shop.example/a?b"), new Version(1, 2, 3),
    ];

    [Theory]
    [MemberData(nameof(Simple), DisableDiscoveryEnumeration = true)]
    public void Value_of_a_simple_type_comes_back(object value) =>
        ComesBackOf(value.GetType()).CreateDelegate<Action<object>>()(value);

    [Fact]
    public void Value_that_may_be_null_comes_back()
    {
        var serializer = New();

        Assert.Null(serializer.Deserialize<int?>(serializer.Serialize<int?>(null)));
        Assert.Equal(7, serializer.Deserialize<int?>(serializer.Serialize<int?>(7)));
        Assert.Null(serializer.Deserialize<string?>(serializer.Serialize<string?>(null)));
        Assert.Null(serializer.Deserialize<Guid?>(serializer.Serialize<Guid?>(null)));
    }

    [Fact]
    public void Value_of_another_type_is_refused_with_the_fix()
    {
        var written = Assert.Throws<SessionValueException>(static () => New().Serialize(new Cart("mine", [1])));
        var read = Assert.Throws<SessionValueException>(static () => New().Deserialize<Cart>("{}"u8.ToArray()));

        foreach (var message in new[] { written.Message, read.Message })
        {
            Assert.Contains("[JsonSerializable(typeof(Cart))]", message, StringComparison.Ordinal);
            Assert.Contains("ConfigureJson", message, StringComparison.Ordinal);
            Assert.DoesNotContain("Remove the key", message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Value_of_a_context_comes_back()
    {
        var serializer = New(static options => options.SerializerOptions.TypeInfoResolverChain.Insert(0, Known.Default));

        Assert.Equal([1, 2], serializer.Deserialize<Cart>(serializer.Serialize(new Cart("mine", [1, 2])))!.Items);
        Assert.Equal("text", serializer.Deserialize<string>(serializer.Serialize("text")));
        Assert.Throws<SessionValueException>(() => serializer.Serialize(new Cart("\ud83d", [])));
    }

    [Fact]
    public void Value_of_a_context_set_as_the_only_resolver_keeps_the_simple_types()
    {
        var serializer = New(static options => options.SerializerOptions.TypeInfoResolver = Known.Default);

        Assert.Equal("mine", serializer.Deserialize<Cart>(serializer.Serialize(new Cart("mine", [])))!.Name);
        Assert.Equal(7, serializer.Deserialize<int>(serializer.Serialize(7)));
    }

    [Fact]
    public void Value_that_holds_an_unknown_type_is_refused_with_the_fix()
    {
        var serializer = New(static options => options.SerializerOptions.TypeInfoResolverChain.Insert(0, Known.Default));

        var refused = Assert.Throws<SessionValueException>(() => serializer.Serialize(new Box(new Version[1])));

        Assert.Contains("with every type that it holds", refused.Message, StringComparison.Ordinal);
    }

    /// <summary>Its build is half of the test: it has the analyzers of trimming and native compilation, and warnings are errors.</summary>
    [Fact]
    public async Task Application_without_reflection_keeps_values_and_says_what_it_cannot_keep()
    {
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true, RedirectStandardError = true };
        start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, "ServerSession.Orleans.AspNetCore.TrimmedApp.dll"));
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        var lines = (await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken)).Split('\n');
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);

        Assert.True(process.ExitCode == 0, await errors);
        Assert.Equal("write: done", lines[0]);
        Assert.Equal("read: é 8 9.99 True 2026-02-28 1970-01-01T00:00:00.0000000+00:00 00000000-0000-0000-0000-000000000000 2 2", lines[1]);
        Assert.Contains("[JsonSerializable(typeof(Unknown))]", lines[2], StringComparison.Ordinal);
    }

    private static MethodInfo ComesBackOf(Type type) =>
        typeof(TrimmedTests).GetMethod(nameof(ComesBack), BindingFlags.NonPublic | BindingFlags.Static)!.MakeGenericMethod(type);

    private static void ComesBack<T>(object value)
    {
        var serializer = New();

        Assert.Equal((T)value, serializer.Deserialize<T>(serializer.Serialize((T)value)));
    }

    private static JsonSessionSerializer New(Action<ServerSessionJsonOptions>? configure = null)
    {
        var options = new ServerSessionJsonOptions();
        configure?.Invoke(options);
        return new JsonSessionSerializer(Options.Create(options), reflects: false);
    }
}
