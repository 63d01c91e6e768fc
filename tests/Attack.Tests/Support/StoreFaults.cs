using ServerSession.Tests.Storage;

namespace ServerSession.Tests.Support;

/// <summary>What goes wrong at the store: the next calls of a kind fail before they do anything, lose their reply, or are held.</summary>
public static class StoreFaults
{
    /// <summary>The next calls of the kind fail and do nothing.</summary>
    public static void Fail(this SharedMemoryStore store, StorageOperationKind kind, int times = 1) =>
        store.BeforeAsync = Once(kind, times, static _ => throw new IOException("The store fails."));

    /// <summary>The next calls of the kind are done, and their replies are lost.</summary>
    public static void LoseReply(this SharedMemoryStore store, StorageOperationKind kind, int times = 1) =>
        store.AfterAsync = Once(kind, times, static _ => throw new IOException("The store's reply is lost."));

    /// <summary>Holds the next call of the kind before it is done; releasing it waits until it is.</summary>
    public static HeldCall HoldBefore(this SharedMemoryStore store, StorageOperationKind kind)
    {
        var held = new HeldCall();
        store.BeforeAsync = Once(kind, 1, held.WaitAsync);
        store.Ended = held.NoteEnd;
        return held;
    }

    private static Func<StorageOperation, ValueTask> Once(StorageOperationKind kind, int times, Func<StorageOperation, ValueTask> fault) =>
        operation => operation.Kind == kind && operation.StateName == "session" && Interlocked.Decrement(ref times) >= 0
            ? fault(operation)
            : ValueTask.CompletedTask;
}

/// <summary>A call that waits in the store until the test lets it go.</summary>
public sealed class HeldCall
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    private readonly TaskCompletionSource<StorageOperation> _reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _release = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Ends when the call stands in the store.</summary>
    public Task Reached => _reached.Task.WaitAsync(Patience);

    /// <summary>Lets the call go, and waits until the store is through with it.</summary>
    public Task ReleaseAsync()
    {
        _release.TrySetResult();
        return _ended.Task.WaitAsync(Patience);
    }

    internal async ValueTask WaitAsync(StorageOperation operation)
    {
        _reached.TrySetResult(operation);
        await _release.Task;
    }

    /// <summary>An equal call that was repeated meanwhile ended before this one was let go.</summary>
    internal void NoteEnd(StorageOperation operation)
    {
        if (_release.Task.IsCompleted && _reached.Task.IsCompletedSuccessfully && _reached.Task.Result == operation)
        {
            _ended.TrySetResult();
        }
    }
}
