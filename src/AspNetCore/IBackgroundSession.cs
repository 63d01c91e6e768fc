using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Text.Json.Serialization.Metadata;

namespace ServerSession;

/// <summary>
/// A session for work that goes on after the request: a job, a hub, a queue. It comes from
/// <see cref="IServerSession.CreateBackgroundSessionAsync"/> while the request runs, and belongs to the session and its present token, not to
/// the request.
/// </summary>
/// <remarks>
/// <para>
/// Every member asks the session grain: a read sees the session as it now is, and a write is committed when its task completes. Nothing here
/// counts as an access, so background work does not keep a session alive. There is no response that could hand out a cookie, so nothing here
/// creates a session, replaces its token or changes its terms.
/// </para>
/// <para>
/// When the session has ended, or its token was replaced since (<see cref="IServerSession.RotateAsync"/>), reads find nothing and writes throw
/// <see cref="SessionEndedException"/>. Every member may throw <see cref="SessionUnavailableException"/>, whatever
/// <see cref="ServerSessionOptions.OnUnavailable"/> says; writes throw <see cref="SessionLimitException"/> over a limit and
/// <see cref="SessionValueException"/> where a value is not what the operation works on. All members are safe to use in parallel.
/// </para>
/// </remarks>
public interface IBackgroundSession
{
    /// <summary>The public id of the session.</summary>
    SessionId Id { get; }

    /// <summary>Whether the session lives and its token was not replaced.</summary>
    ValueTask<bool> ExistsAsync(CancellationToken cancellationToken = default);

    /// <summary>The keys, in ordinal order.</summary>
    ValueTask<IReadOnlyCollection<string>> GetKeysAsync(CancellationToken cancellationToken = default);

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

    /// <summary>The items of a list; empty where the key is absent.</summary>
    [RequiresUnreferencedCode(SessionJson.Reflects), RequiresDynamicCode(SessionJson.Reflects)]
    ValueTask<IReadOnlyList<T>> GetListAsync<T>(string key, CancellationToken cancellationToken = default);

    /// <inheritdoc cref="GetListAsync{T}(string, CancellationToken)"/>
    ValueTask<IReadOnlyList<T>> GetListAsync<T>(string key, JsonTypeInfo<T> type, CancellationToken cancellationToken = default);

    /// <summary>Sets a key.</summary>
    [RequiresUnreferencedCode(SessionJson.Reflects), RequiresDynamicCode(SessionJson.Reflects)]
    ValueTask SetAsync<T>(string key, T value, CancellationToken cancellationToken = default);

    /// <inheritdoc cref="SetAsync{T}(string, T, CancellationToken)"/>
    ValueTask SetAsync<T>(string key, T value, JsonTypeInfo<T> type, CancellationToken cancellationToken = default);

    /// <summary>Sets a key to a text, number, boolean, date, <see cref="Guid"/> or byte array, which needs no reflection.</summary>
    [OverloadResolutionPriority(1)]
    ValueTask SetAsync(string key, SessionScalar value, CancellationToken cancellationToken = default) => value.SetAsync(this, key, cancellationToken);

    /// <summary>Removes a key.</summary>
    ValueTask RemoveAsync(string key, CancellationToken cancellationToken = default);

    /// <summary>Removes every key.</summary>
    ValueTask ClearAsync(CancellationToken cancellationToken = default);

    /// <inheritdoc cref="IServerSession.IncrementAsync"/>
    ValueTask<long> IncrementAsync(string key, long amount = 1, CancellationToken cancellationToken = default);

    /// <inheritdoc cref="IServerSession.GetOrSetAsync{T}(string, T, CancellationToken)"/>
    [RequiresUnreferencedCode(SessionJson.Reflects), RequiresDynamicCode(SessionJson.Reflects)]
    ValueTask<T> GetOrSetAsync<T>(string key, T value, CancellationToken cancellationToken = default);

    /// <inheritdoc cref="GetOrSetAsync{T}(string, T, CancellationToken)"/>
    ValueTask<T> GetOrSetAsync<T>(string key, T value, JsonTypeInfo<T> type, CancellationToken cancellationToken = default);

    /// <inheritdoc cref="IServerSession.CompareAndSetAsync{T}(string, T, T, CancellationToken)"/>
    [RequiresUnreferencedCode(SessionJson.Reflects), RequiresDynamicCode(SessionJson.Reflects)]
    ValueTask<bool> CompareAndSetAsync<T>(string key, T expected, T value, CancellationToken cancellationToken = default);

    /// <inheritdoc cref="CompareAndSetAsync{T}(string, T, T, CancellationToken)"/>
    ValueTask<bool> CompareAndSetAsync<T>(string key, T expected, T value, JsonTypeInfo<T> type, CancellationToken cancellationToken = default);

    /// <inheritdoc cref="IServerSession.TryAddAsync{T}(string, T, CancellationToken)"/>
    [RequiresUnreferencedCode(SessionJson.Reflects), RequiresDynamicCode(SessionJson.Reflects)]
    ValueTask<bool> TryAddAsync<T>(string key, T value, CancellationToken cancellationToken = default);

    /// <inheritdoc cref="TryAddAsync{T}(string, T, CancellationToken)"/>
    ValueTask<bool> TryAddAsync<T>(string key, T value, JsonTypeInfo<T> type, CancellationToken cancellationToken = default);

    /// <summary>Sets a key to a text, number, boolean, date, <see cref="Guid"/> or byte array if it is absent; true if it was.</summary>
    [OverloadResolutionPriority(1)]
    ValueTask<bool> TryAddAsync(string key, SessionScalar value, CancellationToken cancellationToken = default) => value.TryAddAsync(this, key, cancellationToken);

    /// <inheritdoc cref="IServerSession.TakeAsync{T}(string, CancellationToken)"/>
    [RequiresUnreferencedCode(SessionJson.Reflects), RequiresDynamicCode(SessionJson.Reflects)]
    ValueTask<(bool Found, T? Value)> TakeAsync<T>(string key, CancellationToken cancellationToken = default);

    /// <inheritdoc cref="TakeAsync{T}(string, CancellationToken)"/>
    ValueTask<(bool Found, T? Value)> TakeAsync<T>(string key, JsonTypeInfo<T> type, CancellationToken cancellationToken = default);

    /// <inheritdoc cref="IServerSession.AppendAsync{T}(string, T, int, CancellationToken)"/>
    [RequiresUnreferencedCode(SessionJson.Reflects), RequiresDynamicCode(SessionJson.Reflects)]
    ValueTask<int> AppendAsync<T>(string key, T item, int maximumItems, CancellationToken cancellationToken = default);

    /// <inheritdoc cref="AppendAsync{T}(string, T, int, CancellationToken)"/>
    ValueTask<int> AppendAsync<T>(string key, T item, int maximumItems, JsonTypeInfo<T> type, CancellationToken cancellationToken = default);
}
