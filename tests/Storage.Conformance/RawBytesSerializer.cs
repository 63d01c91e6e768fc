namespace ServerSession.Tests.Storage;

/// <summary>Stores the payload of <see cref="StoredBytes"/> as it is; any other state is a mistake of the test.</summary>
public sealed class RawBytesSerializer : IGrainStorageSerializer
{
    /// <summary>Gets the only instance.</summary>
    public static RawBytesSerializer Instance { get; } = new();

    public BinaryData Serialize<T>(T? input) =>
        input is StoredBytes state ? new(state.Bytes) : throw new NotSupportedException($"Only {nameof(StoredBytes)} can be stored, not {typeof(T)}.");

    public T Deserialize<T>(BinaryData input) => (T)(object)new StoredBytes(input.ToArray());
}
