using System.Text;
using System.Text.Json;

namespace ServerSession.WebHost;

/// <summary>
/// Keeps strings as their UTF-8 bytes, so that the limit of a value is the limit of a body, and a counter reads as the text of its number.
/// Other types are JSON, as by default.
/// </summary>
internal sealed class PlainTextSerializer : ISessionSerializer
{
    public byte[] Serialize<T>(T value) =>
        value is string text ? Encoding.UTF8.GetBytes(text) : JsonSerializer.SerializeToUtf8Bytes(value, JsonSerializerOptions.Web);

    public T? Deserialize<T>(ReadOnlyMemory<byte> bytes) =>
        typeof(T) == typeof(string)
            ? (T)(object)Encoding.UTF8.GetString(bytes.Span)
            : JsonSerializer.Deserialize<T>(bytes.Span, JsonSerializerOptions.Web);
}
