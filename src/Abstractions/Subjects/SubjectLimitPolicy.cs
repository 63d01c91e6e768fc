namespace ServerSession;

/// <summary>What happens when a subject has as many sessions as it may have, and another one is to be bound.</summary>
[GenerateSerializer, Alias("ServerSession.SubjectLimitPolicy")]
public enum SubjectLimitPolicy
{
    /// <summary>The new session is not bound: <see cref="SessionLimit.SubjectSessions"/> is reached.</summary>
    RejectNewest = 0,

    /// <summary>The sessions that were bound first end, and the new one takes their place.</summary>
    EndOldest = 1,
}
