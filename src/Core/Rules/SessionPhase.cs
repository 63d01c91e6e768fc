namespace ServerSession.Core;

/// <summary>
/// What is known of a session where it is kept: a closed set of cases, each with what is valid in that case alone. <see cref="LiveSession"/> is the
/// case in which the session is served.
/// </summary>
public abstract class SessionPhase
{
    private protected SessionPhase()
    {
    }

    /// <summary>Nothing is known yet: the row, if there is one, has not been read.</summary>
    public sealed class Unread : SessionPhase
    {
        private Unread()
        {
        }

        public static Unread Instance { get; } = new();
    }

    /// <summary>There is no row: the session is gone, or its create is on the way.</summary>
    public sealed class Absent : SessionPhase
    {
        private Absent()
        {
        }

        public static Absent Instance { get; } = new();
    }

    /// <summary>The session ended for good. Nothing is created under its id here any more.</summary>
    public sealed class Ended(DateTimeOffset tombstoneUntil = default) : SessionPhase
    {
        /// <summary>An end that no tombstone remembers.</summary>
        public static Ended WithoutTombstone { get; } = new();

        public bool HasTombstone => tombstoneUntil > DateTimeOffset.MinValue;

        /// <summary>Until when the tombstone refuses a delayed duplicate of the create.</summary>
        public DateTimeOffset TombstoneUntil => tombstoneUntil;
    }

    /// <summary>Whether a storage write happened is not known, so nothing is served.</summary>
    public sealed class InDoubt : SessionPhase
    {
        /// <summary>The row has all that was acknowledged: what is in memory is dropped, and whoever comes next reads the row.</summary>
        public static InDoubt NothingUnsaved { get; } = new();

        /// <summary>What was acknowledged, stands in no row, and has to be stored before anything is served again; null where there is nothing.</summary>
        public SessionState? Unsaved { get; init; }

        /// <summary>The last access to the unsaved state.</summary>
        public DateTimeOffset LastAccess { get; init; }

        /// <summary>What to serve if the write turns out to have cleared the row.</summary>
        public SessionState? Cleared { get; init; }

        /// <summary>What the write inserts first where there was no row.</summary>
        public byte[]? Placeholder { get; init; }
    }
}
