using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using ServerSession.AspNetCore;

namespace ServerSession;

/// <summary>
/// The types that become JSON without reflection and without anything from the application, for the overloads that take a
/// <see cref="JsonTypeInfo{T}"/>: <c>await session.GetAsync("count", SessionJson.Int32)</c>.
/// </summary>
/// <remarks>
/// Values are written and read as by the overloads without a type: by the serializer of the application, with its options. Only
/// applications that are trimmed or compiled ahead of time need this.
/// </remarks>
public static class SessionJson
{
    internal const string Reflects =
        "Types of the application need reflection to become JSON. Use the overload that takes a JsonTypeInfo: one of a JsonSerializerContext of the application, or of SessionJson for texts, numbers, booleans, dates, Guid and byte arrays.";

    private static readonly JsonSerializerOptions Options = New();

    // The names that a generated JsonSerializerContext has for these types.
#pragma warning disable CA1720

    /// <summary><see cref="string"/>.</summary>
    public static JsonTypeInfo<string> String { get; } = Of<string>();

    /// <summary><see cref="byte"/> arrays.</summary>
    public static JsonTypeInfo<byte[]> ByteArray { get; } = Of<byte[]>();

    /// <summary><see cref="bool"/>.</summary>
    public static JsonTypeInfo<bool> Boolean { get; } = Of<bool>();

    /// <summary><see cref="char"/>.</summary>
    public static JsonTypeInfo<char> Char { get; } = Of<char>();

    /// <summary><see cref="sbyte"/>.</summary>
    public static JsonTypeInfo<sbyte> SByte { get; } = Of<sbyte>();

    /// <summary><see cref="byte"/>.</summary>
    public static JsonTypeInfo<byte> Byte { get; } = Of<byte>();

    /// <summary><see cref="short"/>.</summary>
    public static JsonTypeInfo<short> Int16 { get; } = Of<short>();

    /// <summary><see cref="ushort"/>.</summary>
    public static JsonTypeInfo<ushort> UInt16 { get; } = Of<ushort>();

    /// <summary><see cref="int"/>.</summary>
    public static JsonTypeInfo<int> Int32 { get; } = Of<int>();

    /// <summary><see cref="uint"/>.</summary>
    public static JsonTypeInfo<uint> UInt32 { get; } = Of<uint>();

    /// <summary><see cref="long"/>.</summary>
    public static JsonTypeInfo<long> Int64 { get; } = Of<long>();

    /// <summary><see cref="ulong"/>.</summary>
    public static JsonTypeInfo<ulong> UInt64 { get; } = Of<ulong>();

    /// <summary><see cref="float"/>.</summary>
    public static JsonTypeInfo<float> Single { get; } = Of<float>();

    /// <summary><see cref="double"/>.</summary>
    public static JsonTypeInfo<double> Double { get; } = Of<double>();

    /// <summary><see cref="decimal"/>.</summary>
    public static JsonTypeInfo<decimal> Decimal { get; } = Of<decimal>();

    /// <summary><see cref="System.DateTime"/>.</summary>
    public static JsonTypeInfo<DateTime> DateTime { get; } = Of<DateTime>();

    /// <summary><see cref="System.DateTimeOffset"/>.</summary>
    public static JsonTypeInfo<DateTimeOffset> DateTimeOffset { get; } = Of<DateTimeOffset>();

    /// <summary><see cref="System.DateOnly"/>.</summary>
    public static JsonTypeInfo<DateOnly> DateOnly { get; } = Of<DateOnly>();

    /// <summary><see cref="System.TimeOnly"/>.</summary>
    public static JsonTypeInfo<TimeOnly> TimeOnly { get; } = Of<TimeOnly>();

    /// <summary><see cref="System.TimeSpan"/>.</summary>
    public static JsonTypeInfo<TimeSpan> TimeSpan { get; } = Of<TimeSpan>();

    /// <summary><see cref="System.Guid"/>.</summary>
    public static JsonTypeInfo<Guid> Guid { get; } = Of<Guid>();
#pragma warning restore CA1720

    /// <summary>Whether a type is one of these.</summary>
    internal static bool Has(JsonTypeInfo type) => ReferenceEquals(type.Options, Options);

    private static JsonTypeInfo<T> Of<T>() => (JsonTypeInfo<T>)Options.GetTypeInfo(typeof(T));

    private static JsonSerializerOptions New()
    {
        var options = new JsonSerializerOptions(JsonSerializerDefaults.Web) { Encoder = SessionTextEncoder.Instance, TypeInfoResolver = SessionJsonTypes.Default };
        options.MakeReadOnly();
        return options;
    }
}
