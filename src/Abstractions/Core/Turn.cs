namespace ServerSession.Core;

/// <summary>
/// One operation at a time, without a thread that waits. Operations seldom meet here, so one that finds nobody pays for a counter, and the
/// semaphore is made by the first that has to wait.
/// </summary>
internal sealed class Turn
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

    /// <summary>Takes the turn if nobody has it or waits for it.</summary>
    public bool TryEnter() => Interlocked.CompareExchange(ref _present, 1, 0) == 0;

    /// <summary>Waits for the turn; it is released with what this returns.</summary>
    public ValueTask<Held> EnterAsync()
    {
        var turn = WaitAsync();
        return turn.IsCompletedSuccessfully ? new(new Held(this)) : EnterLaterAsync(turn);
    }

    public void Release()
    {
        if (Interlocked.Decrement(ref _present) > 0)
        {
            Room.Release();
        }
    }

    private async ValueTask<Held> EnterLaterAsync(ValueTask turn)
    {
        await turn;
        return new Held(this);
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

    /// <summary>The turn, in a <c>using</c>.</summary>
    public readonly struct Held(Turn turn) : IDisposable
    {
        public void Dispose() => turn.Release();
    }
}
