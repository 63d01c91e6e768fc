namespace ServerSession.Tests.Storage;

/// <summary>What a caller holds of a row: its bytes, its ETag, and whether it exists.</summary>
public sealed class BytesState : IGrainState<StoredBytes>
{
    public StoredBytes State { get; set; } = new();

    public string? ETag { get; set; }

    public bool RecordExists { get; set; }

    StoredBytes? IGrainState<StoredBytes>.State
    {
        get => State;
        set => State = value!;
    }
}
