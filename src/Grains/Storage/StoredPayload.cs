namespace ServerSession.Grains;

/// <summary>What is handed to the storage provider: one byte array in this product's stored form.</summary>
internal sealed class StoredPayload
{
    /// <summary>The bytes; empty where nothing is stored.</summary>
    public byte[] Bytes { get; set; } = [];
}
