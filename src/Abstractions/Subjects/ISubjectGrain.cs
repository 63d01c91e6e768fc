using System.ComponentModel;

namespace ServerSession;

/// <summary>
/// Keeps the list of one subject's sessions; its key is the <see cref="SubjectKey"/>. A session is bound only while this list has it: an entry is
/// stored before the session stores that it is bound, and a session that comes into memory and is not listed any more has ended.
/// </summary>
/// <remarks>
/// So the list never misses a live session that is bound. An entry without its session, left by a process that died in between, goes when the list is
/// read, or at the session's last known deadline. <see cref="SessionUnavailableException"/> means that the subject cannot answer now; every call is safe
/// to repeat.
/// </remarks>
[Alias("ServerSession.ISubjectGrain")]
public interface ISubjectGrain : IGrainWithGuidKey
{
    /// <summary>Lists a session durably, unless the subject has as many as it may have. For the session's grain, before it stores its binding.</summary>
    [Alias("add"), ResponseTimeout("00:00:02")]
    ValueTask<ListSessionReply> AddAsync(ListSession request);

    /// <summary>Takes a session off the list, once it has ended or is bound no longer. Nothing happens where the number is another one.</summary>
    [Alias("remove"), ResponseTimeout("00:00:02")]
    ValueTask RemoveAsync(SessionId session, long number);

    /// <summary>Whether a session is listed under the number, and was not ended since.</summary>
    [Alias("has"), ResponseTimeout("00:00:02")]
    ValueTask<bool> HasAsync(SessionId session, long number);

    /// <summary>Lists sessions, newest first. Each is asked whether it lives; one that cannot be reached is listed as last known.</summary>
    /// <param name="before">Where the page begins: what the page before said; null for the newest.</param>
    /// <param name="count">How many; what is outside of 1 to 200 is taken as the nearer bound.</param>
    [Alias("list"), ResponseTimeout("00:00:05")]
    ValueTask<SubjectSessionPage> ListAsync(long? before, int count);

    /// <summary>Ends one session if it is bound to this subject; false where it is not, or is gone.</summary>
    [Alias("end-one"), ResponseTimeout("00:00:05")]
    ValueTask<bool> EndOneAsync(SessionId session);

    /// <summary>
    /// Ends the sessions that are bound when the first call arrives. It is decided with one storage write; then the sessions are told, for about a
    /// second in each call. When no more are left, every one of them has ended for every frontend.
    /// </summary>
    [Alias("end"), ResponseTimeout("00:00:10")]
    ValueTask<EndSubjectSessionsReply> EndAsync(EndSubjectSessions request);

    /// <summary>For the clean-up: asks the sessions whose last known deadline has passed, and reports when the list is worth the next look.</summary>
    [Alias("prune"), ResponseTimeout("00:00:10")]
    ValueTask<ExpiryReply> PruneAsync();
}

/// <summary>What a subject asks of a session: the session's own grain, under the same key as <see cref="ISessionGrain"/>.</summary>
[Alias("ServerSession.IBoundSessionGrain")]
public interface IBoundSessionGrain : IGrainWithGuidKey
{
    /// <summary>Tells whether the session lives and is bound to the subject. It is no access.</summary>
    [Alias("look"), ResponseTimeout("00:00:02")]
    ValueTask<BoundSessionReply> LookAsync(SubjectKey subject);

    /// <summary>Ends the session if it is bound to the subject under a number that is not greater.</summary>
    /// <param name="subject">The subject.</param>
    /// <param name="through">The greatest number; the session lives on if it is bound under a later one.</param>
    /// <param name="cause">Why, for those who hear of it.</param>
    [Alias("end-bound"), ResponseTimeout("00:00:04")]
    ValueTask<BoundSessionReply> EndBoundAsync(SubjectKey subject, long through, SubjectEndCause cause);
}

/// <summary>Why a subject ends a session.</summary>
[GenerateSerializer, Alias("ServerSession.SubjectEndCause")]
public enum SubjectEndCause
{
    /// <summary>It was ended from the list of the subject's sessions.</summary>
    List = 0,

    /// <summary>A newer session took its place (<see cref="SubjectLimitPolicy.EndOldest"/>).</summary>
    Limit = 1,
}

/// <summary>Makes and keeps the secret under which user ids are hashed. One grain, with key 0.</summary>
[Alias("ServerSession.ISubjectSecretGrain")]
public interface ISubjectSecretGrain : IGrainWithIntegerKey
{
    /// <summary>The secret: 32 random bytes. It never changes, because the keys of all subjects depend on it.</summary>
    /// <exception cref="SessionUnavailableException">The storage cannot be reached; the secret is unknown.</exception>
    [Alias("get"), ResponseTimeout("00:00:05")]
    ValueTask<SubjectSecret> GetAsync();
}

/// <summary>The cluster's secret for <see cref="SubjectKey"/>.</summary>
[GenerateSerializer, Immutable, Alias("ServerSession.SubjectSecret")]
public sealed class SubjectSecret
{
    /// <summary>The size of a secret, in bytes.</summary>
    public const int Size = 32;

    [Id(0)]
    private readonly byte[] _bytes;

    /// <summary>Takes a secret.</summary>
    /// <exception cref="ArgumentException">It is not of <see cref="Size"/> bytes.</exception>
    public SubjectSecret(ReadOnlySpan<byte> bytes) =>
        _bytes = bytes.Length == Size ? bytes.ToArray() : throw new ArgumentException($"A subject secret has {Size} bytes, not {bytes.Length}.", nameof(bytes));

    /// <summary>A copy of the secret, for the grain that stores it and for the hash of a user id. It belongs into no log.</summary>
    [EditorBrowsable(EditorBrowsableState.Never)]
    public byte[] Export() => [.. _bytes];

    /// <summary>Always <c>[redacted]</c>.</summary>
    public override string ToString() => Redacted.Text;
}
