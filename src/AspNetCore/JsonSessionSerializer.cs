using System.Text.Json;

namespace ServerSession;

internal sealed class JsonSessionSerializer : ISessionSerializer
{
    private static readonly JsonSerializerOptions Options = JsonSerializerOptions.Web;

    public byte[] Serialize<T>(T value) => JsonSerializer.SerializeToUtf8Bytes(value, Options);

    public T? Deserialize<T>(ReadOnlyMemory<byte> bytes) => JsonSerializer.Deserialize<T>(bytes.Span, Options);
}
