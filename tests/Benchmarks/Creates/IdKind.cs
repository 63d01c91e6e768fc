namespace ServerSession.Benchmarks.Creates;

/// <summary>How the clean-up comes to know a new session's id.</summary>
internal enum IdKind
{
    /// <summary>Not at all: what a create costs without an index.</summary>
    None,

    /// <summary>In blocks, before the ids are needed, as every frontend does it.</summary>
    Reserved,

    /// <summary>One by one, by a write of its own before the session's row: what the blocks save.</summary>
    Single,
}
