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
/// </remarks>
internal sealed class SessionStorage(IGrainStorage provider, SessionClock clock, IOptions<SessionGrainOptions> options, SessionInstruments instruments)
{
    public const string SessionState = "session";

    private readonly TimeSpan _timeout = options.Value.StorageTimeout;

    /// <summary>Reads a row; null where there is none.</summary>
    public async Task<(byte[] Bytes, string? ETag)?> ReadAsync(string state, GrainId id)
    {
        var row = new GrainState<StoredPayload>(new StoredPayload());
        try
        {
            await BoundAsync("read", () => provider.ReadStateAsync(state, id, row));
        }
        catch (InconsistentStateException exception)
        {
            throw new SessionUnavailableException("The session storage failed to read.", exception);
        }

        return row.RecordExists && row.State is { Bytes.Length: > 0 } payload ? (payload.Bytes, row.ETag) : null;
    }

    /// <summary>Inserts a row (no ETag) or replaces the one with the ETag; returns the new ETag.</summary>
    public async Task<string?> WriteAsync(string state, GrainId id, byte[] bytes, string? etag)
    {
        var row = new GrainState<StoredPayload>(new StoredPayload { Bytes = bytes }, etag!) { RecordExists = etag is not null };
        await BoundAsync("write", () => provider.WriteStateAsync(state, id, row));
        return row.ETag != etag
            ? row.ETag
            : throw new SessionUnavailableException("The session storage acknowledged a write without a new ETag, so it cannot be relied on.");
    }

    /// <summary>Deletes the row with the ETag.</summary>
    public Task ClearAsync(string state, GrainId id, string? etag)
    {
        var row = new GrainState<StoredPayload>(new StoredPayload(), etag!) { RecordExists = true };
        return BoundAsync("clear", () => provider.ClearStateAsync(state, id, row));
    }

    private async Task BoundAsync(string operation, Func<Task> call)
    {
        var began = clock.Time.GetTimestamp();
        try
        {
            var task = call();
            if (!task.IsCompletedSuccessfully)
            {
                // A provider's task that outlives the bound may fail later with nobody left to look at it.
                _ = task.ContinueWith(
                    static late => late.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
                await task.WaitAsync(_timeout, TimeProvider.System);
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
