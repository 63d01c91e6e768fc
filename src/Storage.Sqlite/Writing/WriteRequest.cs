using System.Runtime.CompilerServices;
using Orleans;
using Orleans.Storage;

namespace ServerSession.Storage;

/// <summary>
/// One write on its way through the writer, and the task that its caller awaits. Either the writer or the caller's
/// cancellation ends it, whichever claims it first, so a caller that gave up never sees its state change afterwards.
/// </summary>
internal abstract class WriteRequest(WriteKind kind, RowKey key, long expected, ReadOnlyMemory<byte> value)
    : TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)
{
    private CancellationTokenRegistration _cancellation;
    private bool _claimed;

    public WriteKind Kind => kind;

    public RowKey Key => key;

    public long Expected => expected;

    public ReadOnlyMemory<byte> Value => value;

    /// <summary>Gets a value indicating whether the caller gave up; a request that was not begun need not be.</summary>
    public bool IsAbandoned => Volatile.Read(ref _claimed);

    /// <summary>To be called before the request is queued.</summary>
    public void CancelWith(CancellationToken cancellationToken)
    {
        if (cancellationToken.CanBeCanceled)
        {
            _cancellation = cancellationToken.UnsafeRegister(
                static (request, token) => Unsafe.As<WriteRequest>(request!).Cancel(token), this);
        }
    }

    public void Complete(WriteOutcome outcome)
    {
        if (!Claim())
        {
            return;
        }

        if (!outcome.Applied)
        {
            SetException(Conflict(outcome.Etag));
            return;
        }

        try
        {
            Accept(outcome.Etag);
            SetResult();
        }
        catch (Exception error)
        {
            // A state object whose setters throw is its own caller's problem, not that of the others in the transaction.
            SetException(error);
        }
    }

    public void Fail(Exception error)
    {
        if (Claim())
        {
            SetException(error);
        }
    }

    /// <summary>Tells the caller's state what is stored now. Runs on the writer's thread, so nothing of the application may run in it.</summary>
    protected abstract void Accept(long? etag);

    private bool Claim()
    {
        if (Interlocked.Exchange(ref _claimed, true))
        {
            return false;
        }

        _cancellation.Unregister();
        return true;
    }

    private void Cancel(CancellationToken token)
    {
        if (!Interlocked.Exchange(ref _claimed, true))
        {
            SetCanceled(token);
        }
    }

    private InconsistentStateException Conflict(long? stored)
    {
        var current = kind is WriteKind.Insert or WriteKind.ExpectNone ? null : Etag.Format(expected);
        return Conflict(key, stored is { } etag ? Etag.Format(etag) : null, current);
    }

    public static InconsistentStateException Conflict(RowKey key, string? stored, string? current) =>
        new($"The stored state '{key.StateName}' of grain {key.Grain} is not the one that the caller knows: stored ETag {stored ?? "none"}, "
            + $"caller's ETag {current ?? "none"}.", stored, current);
}

/// <summary>The request of a caller with a state of type <typeparamref name="T"/>.</summary>
internal sealed class WriteRequest<T>(WriteKind kind, RowKey key, long expected, ReadOnlyMemory<byte> value, IGrainState<T> state, T? cleared)
    : WriteRequest(kind, key, expected, value)
{
    protected override void Accept(long? etag)
    {
        if (etag is { } stored)
        {
            state.ETag = Etag.Format(stored);
            state.RecordExists = true;
        }
        else
        {
            state.ETag = null;
            state.RecordExists = false;
            state.State = cleared!;
        }
    }
}
