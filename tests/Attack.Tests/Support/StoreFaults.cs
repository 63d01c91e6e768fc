using ServerSession.Tests.Storage;

namespace ServerSession.Tests.Support;

/// <summary>What goes wrong at the store: the next calls of a kind fail before they do anything, lose their reply, or are held.</summary>
public static class StoreFaults
{
    /// <summary>The next calls of the kind fail and do nothing.</summary>
    public static void Fail(this SharedMemoryStore store, StorageOperationKind kind, int times = 1) =>
        store.BeforeAsync = Once(kind, times, static () => throw new IOException("The store fails."));

    /// <summary>The next calls of the kind are done, and their replies are lost.</summary>
    public static void LoseReply(this SharedMemoryStore store, StorageOperationKind kind, int times = 1) =>
        store.AfterAsync = Once(kind, times, static () => throw new IOException("The store's reply is lost."));

    /// <summary>Holds the next call of the kind before it is done.</summary>
    public static HeldCall HoldBefore(this SharedMemoryStore store, StorageOperationKind kind)
    {
        var held = new HeldCall();
        store.BeforeAsync = Once(kind, 1, held.WaitAsync);
        return held;
    }

    /// <summary>Holds the reply of the next call of the kind, which is done.</summary>
    public static HeldCall HoldAfter(this SharedMemoryStore store, StorageOperationKind kind)
    {
        var held = new HeldCall();
        store.AfterAsync = Once(kind, 1, held.WaitAsync);
        return held;
    }

    private static Func<StorageOperation, ValueTask> Once(StorageOperationKind kind, int times, Func<ValueTask> fault) =>
        operation => operation.Kind == kind && operation.StateName == "session" && Interlocked.Decrement(ref times) >= 0
            ? fault()
            : ValueTask.CompletedTask;
}

/// <summary>A call that waits in the store until the test lets it go.</summary>
public sealed class HeldCall
{
    private readonly TaskCompletionSource _reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _release = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Ends when the call stands in the store.</summary>
    public Task Reached => _reached.Task.WaitAsync(TimeSpan.FromSeconds(20));

    public void Release() => _release.TrySetResult();

    internal async ValueTask WaitAsync()
    {
        _reached.TrySetResult();
        await _release.Task;
    }
}
