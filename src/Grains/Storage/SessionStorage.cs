using System.Threading.Tasks.Sources;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Runtime;
using Orleans.Storage;
using ServerSession.Core;

namespace ServerSession.Grains;

/// <summary>
/// The grain storage named <c>sessions</c>, used directly: an insert does not read, every call is bounded in time, and every write and
/// clear carries an ETag.
/// </summary>
/// <remarks>
/// <see cref="InconsistentStateException"/> passes through: somebody else wrote. Every other failure is a
/// <see cref="SessionUnavailableException"/>, and a write that failed so is in doubt: it may have happened, or happen later.
/// Every answer is given on the scheduler that the call was begun on (see <see cref="BoundedCall"/>). A returned task is awaited once.
/// </remarks>
internal sealed partial class SessionStorage(
    IGrainStorage provider,
    SessionClock clock,
    IOptions<SessionGrainOptions> options,
    SessionMetrics metrics,
    StateNames names,
    ILogger<SessionStorage> logger) : IDisposable
{
    public const string SessionState = "session";

    private readonly SessionClock _clock = clock;
    private readonly SessionMetrics _metrics = metrics;
    private readonly CallWatch _watch = new(options.Value.StorageTimeout, TimeProvider.System);

    /// <summary>Reads a row; null where there is none.</summary>
    public async ValueTask<(byte[] Bytes, string? ETag)?> ReadAsync(string state, GrainId id)
    {
        var row = new GrainState<StoredPayload>(new StoredPayload());
        try
        {
            await CallAsync(StorageOperation.Read, state, id, row).ConfigureAwait(false);
        }
        catch (InconsistentStateException exception)
        {
            throw StorageFailure.Create("The session storage failed to read.", exception);
        }

        return row.RecordExists && row.State is { Bytes.Length: > 0 } payload ? (payload.Bytes, row.ETag) : null;
    }

    /// <summary>Whether a row is there, and its ETag; also where the provider has kept an empty row.</summary>
    public async ValueTask<(bool Exists, string? ETag)> FindAsync(string state, GrainId id)
    {
        var row = new GrainState<StoredPayload>(new StoredPayload());
        await CallAsync(StorageOperation.Read, state, id, row).ConfigureAwait(false);
        return (row.RecordExists, row.ETag);
    }

    /// <summary>Inserts a row (no ETag) or replaces the one with the ETag; returns the new ETag.</summary>
    public ValueTask<string?> WriteAsync(string state, GrainId id, byte[] bytes, string? etag) => CallAsync(
        StorageOperation.Write, state, id, new GrainState<StoredPayload>(new StoredPayload { Bytes = bytes }, etag!) { RecordExists = etag is not null });

    /// <summary>Deletes the row with the ETag.</summary>
    public async ValueTask ClearAsync(string state, GrainId id, string? etag) =>
        await CallAsync(StorageOperation.Clear, state, id, new GrainState<StoredPayload>(new StoredPayload(), etag!) { RecordExists = true }).ConfigureAwait(false);

    /// <summary>Deletes a row that may be there, whoever wrote it last.</summary>
    /// <exception cref="InconsistentStateException">It was written between the look and the deletion.</exception>
    public async ValueTask DeleteAsync(string state, GrainId id)
    {
        if (await ReadAsync(state, id).ConfigureAwait(false) is { } row)
        {
            await ClearAsync(state, id, row.ETag).ConfigureAwait(false);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _watch.Dispose();

    /// <summary>Makes one call to the provider; returns the ETag that the row has after it.</summary>
    private ValueTask<string?> CallAsync(StorageOperation operation, string state, GrainId id, GrainState<StoredPayload> row)
    {
        var began = _clock.Time.GetTimestamp();
        var etag = row.ETag;
        Task task;
        state = names[state];
        try
        {
            task = operation switch
            {
                StorageOperation.Read => provider.ReadStateAsync(state, id, row),
                StorageOperation.Write => provider.WriteStateAsync(state, id, row),
                StorageOperation.Clear => provider.ClearStateAsync(state, id, row),
                _ => throw new ArgumentOutOfRangeException(nameof(operation), operation, "Not an operation of a storage."),
            } ?? throw new InvalidOperationException("The storage provider returned no task.");
        }
        catch (Exception exception)
        {
            task = Task.FromException(exception);
        }

        return new Call(this, task, operation, row, etag, began).StartAsync();
    }

    /// <summary>What became of one call, told to whoever awaits it: a commit waits here with most of its way behind it, so no method waits between.</summary>
    private sealed class Call(SessionStorage storage, Task task, StorageOperation operation, GrainState<StoredPayload> row, string? etag, long began)
        : BoundedCall(storage._watch, task), IValueTaskSource<string?>
    {
        public ValueTask<string?> StartAsync() => new(this, Begin());

        string? IValueTaskSource<string?>.GetResult(short token)
        {
            try
            {
                ThrowIfFailed(token);
                storage._metrics.Stored(operation, storage._clock.Time.GetElapsedTime(began));
            }
            catch (InconsistentStateException exception)
            {
                storage._metrics.StorageFailed(operation, StorageFailureKind.Inconsistent);

                // Some providers derive their own exception, or give their client's as the cause: neither may reach a frontend.
                throw new InconsistentStateException(exception.Message);
            }
            catch (Exception exception)
            {
                storage._metrics.StorageFailed(operation, exception is TimeoutException ? StorageFailureKind.Timeout : StorageFailureKind.Error);
                storage.LogFailed(operation, exception);
                throw StorageFailure.Create($"The session storage failed to {SessionMetrics.NameOf(operation)}.", exception);
            }

            return operation != StorageOperation.Write || row.ETag != etag
                ? row.ETag
                : throw new SessionUnavailableException("The session storage acknowledged a write without a new ETag, so it cannot be relied on.");
        }
    }
}
