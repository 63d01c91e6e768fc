namespace ServerSession.Core;

/// <summary>The fields of a session's row. Numbers are never reused.</summary>
/// <remarks>
/// <code>
/// 1 tombstone   2 created at   3 last access   4 idle timeout   5 absolute lifetime   6 durability   7 write-behind interval
/// 8 verifier hash   9 previous verifier hash   10 rotated at   11 version   12 create ends at
/// 13 entry*     { 1 key  2 kind  3 value }
/// 14 operations of format 1 (see Format1Operations)   15 operations expired through
/// 16 subject   17 number in the subject's list   18 epoch of the cluster   19 operation* (see OperationCodec)
/// times are ticks of UTC, spans are ticks
/// </code>
/// </remarks>
public static class SessionField
{
    public const int Tombstone = 1;
    public const int CreatedAt = 2;
    public const int LastAccess = 3;
    public const int IdleTimeout = 4;
    public const int AbsoluteLifetime = 5;
    public const int Durability = 6;
    public const int WriteBehindInterval = 7;
    public const int Verifier = 8;
    public const int Previous = 9;
    public const int RotatedAt = 10;
    public const int Version = 11;
    public const int CreateEndsAt = 12;
    public const int Entry = 13;
    public const int Format1Operations = 14;
    public const int ExpiredThrough = 15;
    public const int Subject = 16;
    public const int Number = 17;
    public const int Epoch = 18;
    public const int Operation = 19;

    public const int EntryKey = 1;
    public const int EntryKind = 2;
    public const int EntryValue = 3;
}
