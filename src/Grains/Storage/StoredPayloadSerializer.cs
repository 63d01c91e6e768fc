using Orleans.Storage;

namespace ServerSession.Grains;

/// <summary>
/// Gives a storage provider the bytes of a <see cref="StoredPayload"/> as they are, and leaves every other type to the serializer that the
/// silo would have used.
/// </summary>
internal sealed class StoredPayloadSerializer(IGrainStorageSerializer other) : IGrainStorageSerializer
{
    /// <inheritdoc/>
    public BinaryData Serialize<T>(T? input) =>
        input is StoredPayload payload ? new BinaryData(payload.Bytes) : other.Serialize(input);

    /// <inheritdoc/>
    public T? Deserialize<T>(BinaryData input) =>
        typeof(T) == typeof(StoredPayload) ? (T)(object)new StoredPayload { Bytes = input.ToArray() } : other.Deserialize<T>(input);
}
