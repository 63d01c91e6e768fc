namespace ServerSession.AspNetCore;

/// <summary>
/// Threads that wait for a session to be loaded, because code that cannot await read from <c>HttpContext.Session</c> before it was. It happens
/// only while the grain is slow, and only at endpoints that are not known to use their session. A few wait; more would take the pool's threads
/// from requests that have nothing to do with sessions.
/// </summary>
internal sealed class BlockingLoads
{
    /// <summary>The most threads of the process that wait at a time.</summary>
    public static readonly int Maximum = Math.Max(2, Environment.ProcessorCount);

    private int _waiting;

    internal int Waiting => Volatile.Read(ref _waiting);

    /// <summary>Waits until the load has ended, however it ends.</summary>
    /// <exception cref="SessionUnavailableException">Too many threads wait already.</exception>
    public void Wait(Task load)
    {
        try
        {
            if (Interlocked.Increment(ref _waiting) > Maximum && !load.IsCompleted)
            {
                throw new SessionUnavailableException("The session is not loaded yet, and as many threads as may wait for one do so already.");
            }

            load.GetAwaiter().GetResult();
        }
        finally
        {
            Interlocked.Decrement(ref _waiting);
        }
    }
}
