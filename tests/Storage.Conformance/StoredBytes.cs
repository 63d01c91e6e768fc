namespace ServerSession.Tests.Storage;

/// <summary>The state that the suite stores: bytes, which must come back exactly as they were.</summary>
public sealed class StoredBytes
{
    public StoredBytes()
    {
    }

    public StoredBytes(byte[] bytes) => Bytes = bytes;

    /// <summary>Gets or sets the payload; empty in a fresh state.</summary>
    public byte[] Bytes { get; set; } = [];
}
