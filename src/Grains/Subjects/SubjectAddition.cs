namespace ServerSession.Grains;

/// <summary>What came of listing a session.</summary>
internal enum SubjectAdditionOutcome
{
    /// <summary>It is listed.</summary>
    Listed,

    /// <summary>The list has as many entries as it may have.</summary>
    Full,

    /// <summary>The session was ended under the number that it is bound under.</summary>
    Ended,

    /// <summary>Its caller has given up.</summary>
    Late,
}

/// <summary>What came of listing a session.</summary>
/// <param name="Outcome">What happened.</param>
internal readonly record struct SubjectAddition(SubjectAdditionOutcome Outcome)
{
    /// <summary>The number of the session's entry, where it is listed.</summary>
    public long Number { get; init; }

    /// <summary>How many entries there are, where the list is full.</summary>
    public int Total { get; init; }
}
