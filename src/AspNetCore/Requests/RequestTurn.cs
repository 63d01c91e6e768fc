namespace ServerSession;

/// <summary>
/// One operation of a request at a time. The tasks of a request seldom meet here, so an operation that finds nobody pays for a counter, and
/// the semaphore is made by the first that has to wait.
/// </summary>
internal sealed class RequestTurn
{
    private SemaphoreSlim? _room;
    private int _present;

    private SemaphoreSlim Room => _room ?? Interlocked.CompareExchange(ref _room, new SemaphoreSlim(0), null) ?? _room;

    /// <summary>Waits until every operation before this one has released its turn.</summary>
    public ValueTask WaitAsync(CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return Interlocked.Increment(ref _present) == 1 ? default : new(WaitInRoomAsync(cancellationToken));
    }

    public void Release()
    {
        if (Interlocked.Decrement(ref _present) > 0)
        {
            Room.Release();
        }
    }

    private async Task WaitInRoomAsync(CancellationToken cancellationToken)
    {
        var turn = Room.WaitAsync(CancellationToken.None);
        try
        {
            await turn.WaitAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            // Counted as present, so the turn will come: it is passed on then.
            _ = PassOnAsync(turn);
            throw;
        }
    }

    private async Task PassOnAsync(Task turn)
    {
        await turn;
        Release();
    }
}
