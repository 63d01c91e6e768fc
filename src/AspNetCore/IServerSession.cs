using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Text.Json.Serialization.Metadata;

namespace ServerSession;

/// <summary>
/// The session of the current request. Nothing happens until it is used: a request that never touches its session makes no call, and a
/// session is created only when something is written.
/// </summary>
/// <remarks>
/// <para>
/// <see cref="Set{T}(string, T)"/>, <see cref="Remove"/> and <see cref="Clear"/> are buffered and committed before the first byte of the response
/// leaves (guarantee: read your writes). Atomic operations, <see cref="RotateAsync"/> and <see cref="DestroyAsync"/> go to the grain at once and
/// take the buffered changes with them. Reads see the session as opened, with this request's changes on top.
/// </para>
/// <para>
/// Every method may throw <see cref="SessionUnavailableException"/> (503), <see cref="SessionEndedException"/> when the session was
/// destroyed, expired or rotated elsewhere meanwhile (409), <see cref="SessionLimitException"/> over a limit (413) and
/// <see cref="SessionValueException"/> when a value cannot be read as the type asked for (500) or an atomic operation cannot work on it (422),
/// and, where a preload would create a session, <see cref="SessionPreloadException"/> (503), and where a request of another site would,
/// <see cref="SessionCrossSiteException"/> (403, by option). Left unhandled, the middleware turns them into
/// problem details with that status; a value that cannot be read stays an exception of the application. Changes after the response has
/// started throw <see cref="InvalidOperationException"/>.
/// </para>
/// <para>
/// An application that is trimmed or compiled ahead of time passes <see cref="JsonTypeInfo{T}"/> with each value: the overloads without it need
/// reflection for types of the application, and the analyzer of trimming warns at each call. Texts, numbers, booleans, dates,
/// <see cref="Guid"/> and byte arrays are set without either; read them with <see cref="SessionJson"/>.
/// </para>
/// <para>
/// When the request is over, every member throws <see cref="ObjectDisposedException"/>. For work that goes on afterwards there is
/// <see cref="CreateBackgroundSessionAsync"/>.
/// </para>
/// </remarks>
public interface IServerSession
{
    /// <summary>Opens the session if that has not happened, and returns whether there is one (created by this request included).</summary>
    ValueTask<bool> ExistsAsync(CancellationToken cancellationToken = default);

    /// <summary>The public id; null before the session is opened or created, and where there is none.</summary>
    SessionId? Id { get; }

    /// <summary>When the session was created (UTC); null where there is none or it is not opened yet.</summary>
    DateTimeOffset? CreatedAt { get; }

    /// <summary>When the session expires unless it is accessed before (UTC); null where there is none or it is not opened yet.</summary>
    DateTimeOffset? ExpiresAt { get; }

    /// <summary>The time to <see cref="ExpiresAt"/>, never negative; null where there is none or it is not opened yet.</summary>
    TimeSpan? Remaining { get; }

    /// <summary>
    /// Whether the request goes on without its session because it could not be reached and the policy is
    /// <see cref="UnavailablePolicy.Degrade"/>: reads find nothing and buffered changes are dropped.
    /// </summary>
    bool IsDegraded { get; }

    /// <summary>
    /// Fires when the session ends, wherever that happens: destroyed through any frontend, by an administrator, or because its deadline passed.
    /// Usually within milliseconds; within five seconds where messages are lost or the session's silo has died, counted from when the session can
    /// be reached again. It watches until this request is completed, and extends nothing. Not cancellable where there is no session, or it is not
    /// opened or created yet.
    /// </summary>
    CancellationToken Ended { get; }

    /// <summary>The keys, this request's changes included, in ordinal order.</summary>
    ValueTask<IReadOnlyCollection<string>> GetKeysAsync(CancellationToken cancellationToken = default);

    /// <summary>Whether the key has a value.</summary>
    ValueTask<bool> ContainsAsync(string key, CancellationToken cancellationToken = default);

    /// <summary>The value of a key, or <c>default</c> where it is absent.</summary>
    [RequiresUnreferencedCode(SessionJson.Reflects), RequiresDynamicCode(SessionJson.Reflects)]
    ValueTask<T?> GetAsync<T>(string key, CancellationToken cancellationToken = default);

    /// <inheritdoc cref="GetAsync{T}(string, CancellationToken)"/>
    ValueTask<T?> GetAsync<T>(string key, JsonTypeInfo<T> type, CancellationToken cancellationToken = default);

    /// <summary>The value of a key and whether it is present.</summary>
    [RequiresUnreferencedCode(SessionJson.Reflects), RequiresDynamicCode(SessionJson.Reflects)]
    ValueTask<(bool Found, T? Value)> TryGetAsync<T>(string key, CancellationToken cancellationToken = default);

    /// <inheritdoc cref="TryGetAsync{T}(string, CancellationToken)"/>
    ValueTask<(bool Found, T? Value)> TryGetAsync<T>(string key, JsonTypeInfo<T> type, CancellationToken cancellationToken = default);

    /// <summary>Sets a key; creates the session if there is none. Buffered, and committed with the response.</summary>
    [RequiresUnreferencedCode(SessionJson.Reflects), RequiresDynamicCode(SessionJson.Reflects)]
    void Set<T>(string key, T value);

    /// <inheritdoc cref="Set{T}(string, T)"/>
    void Set<T>(string key, T value, JsonTypeInfo<T> type);

    /// <summary>Sets a key to a text, number, boolean, date, <see cref="Guid"/> or byte array, which needs no reflection.</summary>
    [OverloadResolutionPriority(1)]
    void Set(string key, SessionScalar value) => value.Set(this, key);

    /// <summary>Removes a key. Committed with the response; creates no session.</summary>
    void Remove(string key);

    /// <summary>Removes every key. Committed with the response; creates no session.</summary>
    void Clear();

    /// <summary>Adds to a number at the grain and returns the sum; an absent key counts as zero. Applied once, at once.</summary>
    ValueTask<long> IncrementAsync(string key, long amount = 1, CancellationToken cancellationToken = default);

    /// <summary>The value of a key, set to <paramref name="value"/> at the grain if it is absent. Two racing requests get the same value.</summary>
    [RequiresUnreferencedCode(SessionJson.Reflects), RequiresDynamicCode(SessionJson.Reflects)]
    ValueTask<T> GetOrSetAsync<T>(string key, T value, CancellationToken cancellationToken = default);

    /// <inheritdoc cref="GetOrSetAsync{T}(string, T, CancellationToken)"/>
    ValueTask<T> GetOrSetAsync<T>(string key, T value, JsonTypeInfo<T> type, CancellationToken cancellationToken = default);

    /// <summary>Sets a key if it has the expected value, compared as serialized; true if it did.</summary>
    [RequiresUnreferencedCode(SessionJson.Reflects), RequiresDynamicCode(SessionJson.Reflects)]
    ValueTask<bool> CompareAndSetAsync<T>(string key, T expected, T value, CancellationToken cancellationToken = default);

    /// <inheritdoc cref="CompareAndSetAsync{T}(string, T, T, CancellationToken)"/>
    ValueTask<bool> CompareAndSetAsync<T>(string key, T expected, T value, JsonTypeInfo<T> type, CancellationToken cancellationToken = default);

    /// <summary>Sets a key if it is absent; true if it was.</summary>
    [RequiresUnreferencedCode(SessionJson.Reflects), RequiresDynamicCode(SessionJson.Reflects)]
    ValueTask<bool> TryAddAsync<T>(string key, T value, CancellationToken cancellationToken = default);

    /// <inheritdoc cref="TryAddAsync{T}(string, T, CancellationToken)"/>
    ValueTask<bool> TryAddAsync<T>(string key, T value, JsonTypeInfo<T> type, CancellationToken cancellationToken = default);

    /// <summary>Sets a key to a text, number, boolean, date, <see cref="Guid"/> or byte array if it is absent; true if it was.</summary>
    [OverloadResolutionPriority(1)]
    ValueTask<bool> TryAddAsync(string key, SessionScalar value, CancellationToken cancellationToken = default) => value.TryAddAsync(this, key, cancellationToken);

    /// <summary>Reads and removes a key: of all takers exactly one gets the value (flash messages, one-time tokens).</summary>
    [RequiresUnreferencedCode(SessionJson.Reflects), RequiresDynamicCode(SessionJson.Reflects)]
    ValueTask<(bool Found, T? Value)> TakeAsync<T>(string key, CancellationToken cancellationToken = default);

    /// <inheritdoc cref="TakeAsync{T}(string, CancellationToken)"/>
    ValueTask<(bool Found, T? Value)> TakeAsync<T>(string key, JsonTypeInfo<T> type, CancellationToken cancellationToken = default);

    /// <summary>Appends to a list at the grain and drops the oldest items over the maximum; returns how many there are.</summary>
    [RequiresUnreferencedCode(SessionJson.Reflects), RequiresDynamicCode(SessionJson.Reflects)]
    ValueTask<int> AppendAsync<T>(string key, T item, int maximumItems, CancellationToken cancellationToken = default);

    /// <inheritdoc cref="AppendAsync{T}(string, T, int, CancellationToken)"/>
    ValueTask<int> AppendAsync<T>(string key, T item, int maximumItems, JsonTypeInfo<T> type, CancellationToken cancellationToken = default);

    /// <summary>The items of a list made by <see cref="AppendAsync{T}(string, T, int, CancellationToken)"/>; empty where the key is absent.</summary>
    [RequiresUnreferencedCode(SessionJson.Reflects), RequiresDynamicCode(SessionJson.Reflects)]
    ValueTask<IReadOnlyList<T>> GetListAsync<T>(string key, CancellationToken cancellationToken = default);

    /// <inheritdoc cref="GetListAsync{T}(string, CancellationToken)"/>
    ValueTask<IReadOnlyList<T>> GetListAsync<T>(string key, JsonTypeInfo<T> type, CancellationToken cancellationToken = default);

    /// <summary>
    /// Replaces the token: the old cookie opens nothing any more, the session keeps its id and data. Call it when the user's rights change,
    /// at login above all (OWASP ASVS 5.0, 7.2.4). Without a session it does nothing: a session created later has a fresh token anyway.
    /// </summary>
    ValueTask RotateAsync(CancellationToken cancellationToken = default);

    /// <summary>
    /// Binds the session to a user of the application, at sign-in: it is on that user's list (<see cref="IServerSessionSubjects"/>) from then on. The token is replaced in
    /// the same commit (OWASP ASVS 5.0, 7.2.4), so <see cref="RotateAsync"/> is not needed as well, and the buffered changes go along. Where there is no session, one is
    /// created. A session that is bound to another user is bound to this one instead.
    /// </summary>
    /// <param name="subject">The application's id of the user, from 1 to 1,024 characters. Only a keyed hash of it is stored.</param>
    /// <param name="label">
    /// What the list shows of the session, a device for example; at most 256 characters. It is stored as it is. Null, the default, shows nothing.
    /// </param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="SessionSubjectLimitException">The user has as many sessions as allowed; nothing was changed.</exception>
    ValueTask BindToAsync(string subject, string? label = null, CancellationToken cancellationToken = default);

    /// <summary>
    /// Takes the session off its user's list and replaces its token, at a sign-out that keeps the session; <see cref="DestroyAsync"/> ends it instead. Without a session
    /// it does nothing.
    /// </summary>
    ValueTask UnbindAsync(CancellationToken cancellationToken = default);

    /// <summary>Whether the session is bound to a user; null where there is none or it is not opened yet.</summary>
    bool? IsBound { get; }

    /// <summary>Gives the session other terms, committed with the response; a session created by this request is created with them.</summary>
    void SetTerms(SessionTerms terms);

    /// <summary>
    /// Ends the session and expires the cookie that the request came with, whether or not there was a session (OWASP ASVS 5.0, 7.4.1). Where
    /// several cookies of the name open sessions, all of them end. A later write starts a new one.
    /// </summary>
    ValueTask DestroyAsync(CancellationToken cancellationToken = default);

    /// <summary>Commits the buffered changes now, instead of with the response.</summary>
    ValueTask FlushAsync(CancellationToken cancellationToken = default);

    /// <summary>
    /// A handle on this session that works after the request. The buffered changes are committed first. Call it after
    /// <see cref="RotateAsync"/>, which replaces the token that the handle works with.
    /// </summary>
    /// <returns>The handle; null where there is no session. Write something first where there has to be one.</returns>
    ValueTask<IBackgroundSession?> CreateBackgroundSessionAsync(CancellationToken cancellationToken = default);
}
