namespace ServerSession.Storage;

/// <summary>What is handed to the storage provider: one byte array in a form of our own.</summary>
internal sealed class StoredPayload
{
    /// <summary>The bytes; empty where nothing is stored.</summary>
    public byte[] Bytes { get; set; } = [];
}
