namespace ServerSession;

/// <summary>That a session is bound to a subject. It holds while the subject's list has the session under the same number.</summary>
/// <param name="Subject">The subject.</param>
/// <param name="Number">The number of the entry in the subject's list. Numbers rise, and none is given twice.</param>
[GenerateSerializer, Immutable, Alias("ServerSession.SubjectBinding")]
public sealed record SubjectBinding([property: Id(0)] SubjectKey Subject, [property: Id(1)] long Number);
