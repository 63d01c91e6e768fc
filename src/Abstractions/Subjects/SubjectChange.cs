namespace ServerSession;

/// <summary>Binds a session to a subject, or to none, as a part of its creation or of a commit: all or nothing.</summary>
[GenerateSerializer, Immutable, Alias("ServerSession.SubjectChange")]
public sealed record SubjectChange
{
    /// <summary>The longest <see cref="Label"/>, in characters.</summary>
    public const int LongestLabel = 256;

    /// <summary>Takes the session off the list of the subject it is bound to.</summary>
    public static SubjectChange Unbind { get; } = new();

    /// <summary>The subject; <c>default</c> unbinds the session.</summary>
    [Id(0)]
    public SubjectKey Subject { get; init; }

    /// <summary>What the list shows of the session, a device for example. The application chooses it; it is stored as it is.</summary>
    /// <value>At most <see cref="LongestLabel"/> characters; null where there is none.</value>
    [Id(1)]
    public string? Label { get; init; }

    /// <summary>How many sessions the subject may have, this one included.</summary>
    /// <value>Zero, the default, sets no limit.</value>
    [Id(2)]
    public int MaximumSessions { get; init; }

    /// <summary>What happens when the subject has that many.</summary>
    [Id(3)]
    public SubjectLimitPolicy WhenFull { get; init; }

    /// <summary>Neither the label, which may name a person's device, nor more than the hashed subject.</summary>
    public override string ToString() => Subject.IsDefault ? "unbind" : $"bind to {Subject}";
}
