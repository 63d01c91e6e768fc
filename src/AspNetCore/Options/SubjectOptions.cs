namespace ServerSession;

/// <summary>What holds for the sessions of one user. Configuration section <c>ServerSession:Subjects</c>.</summary>
public sealed class SubjectOptions
{
    /// <summary>How many sessions of one user may be bound at the same time (OWASP ASVS 5.0, 7.1.2). It is counted when a session is bound.</summary>
    /// <value>From 0 to 10,000; 0, the default, sets no limit.</value>
    public int MaximumSessions { get; set; }

    /// <summary>What happens when a user has that many and another session is to be bound.</summary>
    /// <value>
    /// <see cref="SubjectLimitPolicy.RejectNewest"/>, the default: <see cref="SessionSubjectLimitException"/>. <see cref="SubjectLimitPolicy.EndOldest"/>: the session that
    /// was bound first ends.
    /// </value>
    public SubjectLimitPolicy WhenFull { get; set; } = SubjectLimitPolicy.RejectNewest;
}
