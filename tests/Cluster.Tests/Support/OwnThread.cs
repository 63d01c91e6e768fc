namespace ServerSession.Tests.Support;

/// <summary>Work that never waits, such as a reader in a loop.</summary>
internal static class OwnThread
{
    /// <summary>Runs it on a separate thread: on a pool thread it would keep a processor's worth of the pool from the silos, whose answers would come too late.</summary>
    public static Task RunAsync(Action work) => Task.Factory.StartNew(work, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
}
