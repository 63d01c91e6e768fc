using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.Extensions.Options;
using ServerSession.AspNetCore;

namespace ServerSession;

/// <summary>Values as JSON in UTF-8: what sessions use where no other serializer is chosen.</summary>
/// <remarks>
/// <para>
/// Text comes back as it was, code unit by code unit. Text with an unpaired surrogate, which UTF-8 cannot carry, is refused with
/// <see cref="SessionValueException"/>, also as a key of a dictionary. Only what JSON demands is escaped, so that a character counts
/// against the limits with its bytes of UTF-8. The JSON is not made for being copied into HTML.
/// </para>
/// <para>
/// Text, numbers, booleans, dates and times, <see cref="Guid"/>, <see cref="Uri"/>, <see cref="Version"/> and byte arrays need no reflection.
/// Other types need it, or a <c>JsonSerializerContext</c> of the application in <see cref="ServerSessionJsonOptions"/>. A trimmed application
/// has no reflection-based JSON, so that there only the latter works, or a <see cref="JsonTypeInfo{T}"/> with each value.
/// </para>
/// <para>
/// A value that comes with a <see cref="JsonTypeInfo{T}"/> becomes JSON as the options of that context say. Write and read a key in the same way,
/// or give the context <c>[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]</c>, which is what sessions use otherwise.
/// </para>
/// </remarks>
public sealed class JsonSessionSerializer : ISessionSerializer
{
    private readonly JsonSerializerOptions _options;
    private readonly bool _reflects;

    /// <summary>Creates a serializer.</summary>
    /// <param name="options">How values become JSON.</param>
    public JsonSessionSerializer(IOptions<ServerSessionJsonOptions> options)
        : this(options, JsonSerializer.IsReflectionEnabledByDefault)
    {
    }

    internal JsonSessionSerializer(IOptions<ServerSessionJsonOptions> options, bool reflects)
    {
        ArgumentNullException.ThrowIfNull(options);
        _options = new JsonSerializerOptions(options.Value.SerializerOptions) { Encoder = SessionTextEncoder.Instance };

        // After the application's own, which may say otherwise of these types.
        _options.TypeInfoResolverChain.Add(SessionJsonTypes.Default);
        _reflects = reflects;
        if (reflects)
        {
            _options.TypeInfoResolverChain.Add(Reflection());
        }

        _options.MakeReadOnly();
    }

    /// <inheritdoc/>
    /// <exception cref="SessionValueException">The type is not known without reflection, or a text has an unpaired surrogate.</exception>
    public byte[] Serialize<T>(T value)
    {
        try
        {
            return JsonSerializer.SerializeToUtf8Bytes(value, InfoOf<T>());
        }
        catch (NotSupportedException) when (!_reflects)
        {
            throw Unknown(typeof(T));
        }
    }

    /// <inheritdoc/>
    /// <exception cref="SessionValueException">The type is not known without reflection.</exception>
    public T? Deserialize<T>(ReadOnlyMemory<byte> bytes)
    {
        try
        {
            return JsonSerializer.Deserialize(bytes.Span, InfoOf<T>());
        }
        catch (NotSupportedException) when (!_reflects)
        {
            throw Unknown(typeof(T));
        }
    }

    /// <inheritdoc/>
    /// <exception cref="SessionValueException">A text has an unpaired surrogate.</exception>
    public byte[] Serialize<T>(T value, JsonTypeInfo<T> type)
    {
        ArgumentNullException.ThrowIfNull(type);
        if (SessionJson.Has(type))
        {
            return Serialize(value);
        }

        // The writer escapes text, whatever the options of the type say.
        var bytes = new ArrayBufferWriter<byte>();
        using var writer = new Utf8JsonWriter(bytes, new JsonWriterOptions { Encoder = SessionTextEncoder.Instance });
        JsonSerializer.Serialize(writer, value, type);
        writer.Flush();
        return bytes.WrittenSpan.ToArray();
    }

    /// <inheritdoc/>
    public T? Deserialize<T>(ReadOnlyMemory<byte> bytes, JsonTypeInfo<T> type)
    {
        ArgumentNullException.ThrowIfNull(type);
        return SessionJson.Has(type) ? Deserialize<T>(bytes) : JsonSerializer.Deserialize(bytes.Span, type);
    }

    private JsonTypeInfo<T> InfoOf<T>() => _options.TryGetTypeInfo(typeof(T), out var info) || _reflects
        ? (JsonTypeInfo<T>)(info ?? _options.GetTypeInfo(typeof(T)))
        : throw Unknown(typeof(T));

    /// <summary>Not called where reflection-based JSON is switched off, which trimming and native compilation do by default.</summary>
    [UnconditionalSuppressMessage("Trimming", "IL2026", Justification = "The switch JsonSerializer.IsReflectionEnabledByDefault guards the call, and trimming turns it off.")]
    [UnconditionalSuppressMessage("AOT", "IL3050", Justification = "The switch JsonSerializer.IsReflectionEnabledByDefault guards the call, and native compilation turns it off.")]
    private static DefaultJsonTypeInfoResolver Reflection() => new();

    private static SessionValueException Unknown(Type type) => new(
        $"The session cannot turn {type.Name} into JSON or back, because this application has reflection-based JSON switched off (it is trimmed or compiled ahead of time). Put " +
        $"[JsonSerializable(typeof({type.Name}))] on a JsonSerializerContext, with every type that it holds, and add that to the options: " +
        "AddServerSession().ConfigureJson(json => json.TypeInfoResolverChain.Insert(0, YourContext.Default)).");
}
