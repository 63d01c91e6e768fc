using System.Text;
using System.Text.Json.Serialization.Metadata;
using Microsoft.Extensions.Options;
using ServerSession.AspNetCore;

namespace ServerSession;

/// <summary>
/// Values in the form of <c>HttpContext.Session</c>, for applications that use one key through both APIs: a text is its bytes of UTF-8
/// (<c>SetString</c>, <c>GetString</c>), a byte array is itself (<c>Set</c>, <c>Get</c>). Every other type is JSON, as in
/// <see cref="JsonSessionSerializer"/>, so that a number is its decimal digits, which <c>IncrementAsync</c> works on and <c>GetString</c> reads.
/// </summary>
/// <remarks>
/// What <c>SetInt32</c> writes, four bytes in big-endian order, is a byte array here and no number. A null text or array is refused: remove the
/// key instead. Choose the serializer before there are sessions: it reads texts that another one has written as they stand in the bytes.
/// </remarks>
public sealed class PlainSessionSerializer : ISessionSerializer
{
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly JsonSessionSerializer _json;

    /// <summary>Creates a serializer.</summary>
    /// <param name="options">How values that are neither text nor bytes become JSON.</param>
    public PlainSessionSerializer(IOptions<ServerSessionJsonOptions> options) => _json = new JsonSessionSerializer(options);

    /// <inheritdoc/>
    /// <exception cref="SessionValueException">A text is null or has an unpaired surrogate, an array is null, or the type is not known without reflection.</exception>
    public byte[] Serialize<T>(T value)
    {
        if (typeof(T) == typeof(string))
        {
            return ToBytes((string?)(object?)value);
        }

        if (typeof(T) == typeof(byte[]))
        {
            return value is byte[] bytes ? bytes.AsSpan().ToArray() : throw Null();
        }

        return _json.Serialize(value);
    }

    /// <inheritdoc/>
    public T? Deserialize<T>(ReadOnlyMemory<byte> bytes)
    {
        if (typeof(T) == typeof(string))
        {
            return (T)(object)Strict.GetString(bytes.Span);
        }

        return typeof(T) == typeof(byte[]) ? (T)(object)bytes.ToArray() : _json.Deserialize<T>(bytes);
    }

    /// <inheritdoc/>
    public byte[] Serialize<T>(T value, JsonTypeInfo<T> type) => IsPlain<T>() ? Serialize(value) : _json.Serialize(value, type);

    /// <inheritdoc/>
    public T? Deserialize<T>(ReadOnlyMemory<byte> bytes, JsonTypeInfo<T> type) => IsPlain<T>() ? Deserialize<T>(bytes) : _json.Deserialize(bytes, type);

    private static bool IsPlain<T>() => typeof(T) == typeof(string) || typeof(T) == typeof(byte[]);

    private static byte[] ToBytes(string? text)
    {
        try
        {
            return text is not null ? Strict.GetBytes(text) : throw Null();
        }
        catch (EncoderFallbackException)
        {
            throw new SessionValueException(SessionTextEncoder.UnpairedSurrogate);
        }
    }

    private static SessionValueException Null() =>
        new("A null text or byte array cannot be kept in the session: in plain bytes it would be an empty one. Remove the key instead.");
}
