using System.Runtime.CompilerServices;
using Microsoft.Extensions.Options;
using Orleans.Runtime;
using Orleans.Storage;

namespace ServerSession.Storage;

/// <summary>
/// The grain storage named <c>sessions</c>, used directly: an insert does not read, every call is bounded in time, and every write and
/// clear carries an ETag.
/// </summary>
/// <remarks>
/// <see cref="InconsistentStateException"/> passes through: somebody else wrote. Every other failure is a
/// <see cref="SessionUnavailableException"/>, and a write that failed so is in doubt: it may have happened, or happen later.
/// Every answer is given on the scheduler that the call was begun on (see <see cref="BoundedCall"/>). A returned task is awaited once.
/// </remarks>
internal sealed class SessionStorage(IGrainStorage provider, SessionClock clock, IOptions<SessionGrainOptions> options, SessionInstruments instruments) : IDisposable
{
    public const string SessionState = "session";

    private readonly CallWatch _watch = new(options.Value.StorageTimeout, TimeProvider.System);

    /// <summary>Reads a row; null where there is none.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<(byte[] Bytes, string? ETag)?> ReadAsync(string state, GrainId id)
    {
        var row = new GrainState<StoredPayload>(new StoredPayload());
        try
        {
            await BoundAsync("read", (provider, state, id, row), static call => call.provider.ReadStateAsync(call.state, call.id, call.row)).ConfigureAwait(false);
        }
        catch (InconsistentStateException exception)
        {
            throw new SessionUnavailableException("The session storage failed to read.", exception);
        }

        return row.RecordExists && row.State is { Bytes.Length: > 0 } payload ? (payload.Bytes, row.ETag) : null;
    }

    /// <summary>Inserts a row (no ETag) or replaces the one with the ETag; returns the new ETag.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<string?> WriteAsync(string state, GrainId id, byte[] bytes, string? etag)
    {
        var row = new GrainState<StoredPayload>(new StoredPayload { Bytes = bytes }, etag!) { RecordExists = etag is not null };
        await BoundAsync("write", (provider, state, id, row), static call => call.provider.WriteStateAsync(call.state, call.id, call.row)).ConfigureAwait(false);
        return row.ETag != etag
            ? row.ETag
            : throw new SessionUnavailableException("The session storage acknowledged a write without a new ETag, so it cannot be relied on.");
    }

    /// <summary>Deletes the row with the ETag.</summary>
    public ValueTask ClearAsync(string state, GrainId id, string? etag)
    {
        var row = new GrainState<StoredPayload>(new StoredPayload(), etag!) { RecordExists = true };
        return BoundAsync("clear", (provider, state, id, row), static call => call.provider.ClearStateAsync(call.state, call.id, call.row));
    }

    /// <inheritdoc/>
    public void Dispose() => _watch.Dispose();

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private async ValueTask BoundAsync<TCall>(string operation, TCall call, Func<TCall, Task> begin)
    {
        var began = clock.Time.GetTimestamp();
        try
        {
            var task = begin(call);
            if (!task.IsCompletedSuccessfully)
            {
                await new BoundedCall(_watch, task).Start().ConfigureAwait(false);
            }

            instruments.Stored(operation, clock.Time.GetElapsedTime(began));
        }
        catch (InconsistentStateException)
        {
            instruments.StorageFailed(operation, "inconsistent");
            throw;
        }
        catch (Exception exception)
        {
            instruments.StorageFailed(operation, exception is TimeoutException ? "timeout" : "error");
            throw new SessionUnavailableException($"The session storage failed to {operation}.", exception);
        }
    }
}
