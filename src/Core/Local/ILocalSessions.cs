namespace ServerSession.Core;

/// <summary>
/// The sessions that grains of a silo in this process have published: a frontend in that process opens them and commits to them without a
/// grain call. It answers as the grain would, or not at all.
/// </summary>
public interface ILocalSessions
{
    /// <summary>How long a commit here takes at the most: then its storage call has timed out.</summary>
    TimeSpan LongestCommit { get; }

    /// <summary>Opens a session here.</summary>
    /// <returns>False where only its grain can answer.</returns>
    bool TryOpen(SessionId id, VerifierHash verifier, OpenMode mode, out SessionReply reply);

    /// <summary>Begins a commit here.</summary>
    /// <returns>False where only its grain can answer; then nothing has happened.</returns>
    bool TryCommit(SessionId id, CommitSession request, out ValueTask<SessionReply> reply);
}
