namespace ServerSession;

/// <summary>What a sweep did.</summary>
/// <param name="Looked">How many session ids were looked up in the storage; ids that were reserved and never used are among them.</param>
/// <param name="Removed">How many rows were removed: sessions whose deadline had passed, and marks of sessions that ended right after their creation.</param>
public readonly record struct SessionSweepResult(long Looked, long Removed);
