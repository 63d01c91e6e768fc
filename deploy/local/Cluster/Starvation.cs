namespace ServerSession.LocalCluster;

/// <summary>A member whose machine is too busy for it: it runs for a fiftieth of the time, and is never quiet for long.</summary>
public static class Starvation
{
    private static readonly TimeSpan Stopped = TimeSpan.FromMilliseconds(490);
    private static readonly TimeSpan Running = TimeSpan.FromMilliseconds(10);

    /// <summary>Stops a member's process forty-nine fiftieths of the time, in turns of half a second, and lets it run freely again in the end.</summary>
    /// <param name="cluster">The cluster.</param>
    /// <param name="role">The member's role.</param>
    /// <param name="index">The member's number among those of its role, from one.</param>
    /// <param name="time">For how long.</param>
    /// <param name="cancellationToken">Ends it early.</param>
    /// <exception cref="LocalClusterException">The member does not run.</exception>
    public static async Task StarveAsync(this ProcessCluster cluster, MemberRole role, int index, TimeSpan time, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(cluster);
        var began = TimeProvider.System.GetTimestamp();
        while (TimeProvider.System.GetElapsedTime(began) < time)
        {
            cluster.Pause(role, index);
            try
            {
                await Task.Delay(Stopped, cancellationToken).ConfigureAwait(false);
            }
            finally
            {
                cluster.Resume(role, index);
            }

            await Task.Delay(Running, cancellationToken).ConfigureAwait(false);
        }
    }
}
