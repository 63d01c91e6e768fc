namespace ServerSession;

/// <summary>How the bytes of a value are to be read.</summary>
[GenerateSerializer, Alias("ServerSession.SessionValueKind")]
public enum SessionValueKind : byte
{
    /// <summary>Opaque bytes of the web tier.</summary>
    Bytes = 0,

    /// <summary>A list made by append operations: each item is a length (LEB128) and that many opaque bytes.</summary>
    List = 1,
}

/// <summary>One value of a session: bytes that are opaque to its grain.</summary>
/// <param name="Bytes">The bytes. They are shared, never copied, inside one process: nobody may change them.</param>
/// <param name="Kind">How the bytes are to be read.</param>
[GenerateSerializer, Immutable, Alias("ServerSession.SessionValue")]
public readonly record struct SessionValue([property: Id(0)] ReadOnlyMemory<byte> Bytes, [property: Id(1)] SessionValueKind Kind = SessionValueKind.Bytes);
