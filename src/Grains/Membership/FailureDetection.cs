using Orleans.Configuration;

namespace ServerSession.Grains;

/// <summary>
/// How fast a cluster notices that a silo is gone, and how long it then waits before others take its sessions.
/// <para>
/// Three missed probes end a silo that the others cannot reach. A silo whose connection is open and has brought a message within
/// <see cref="ClusterMembershipOptions.MaxProbeTimeout"/> times the number of probes is not declared dead, because it is busy, not gone. So the death of a
/// process, which closes its connections, is noticed within the shortest probes, and a process that stands still, or a machine that disappears,
/// within the longest.
/// </para>
/// </summary>
internal static class FailureDetection
{
    private const int MissedProbes = 3;
    private static readonly TimeSpan ShortestProbe = TimeSpan.FromSeconds(0.5);
    private static readonly TimeSpan FirstProbe = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestProbe = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan TableRefresh = TimeSpan.FromSeconds(5);

    /// <summary>
    /// A silo joins when all members answer, and may end those that have not written their heartbeat for three periods. With Orleans' own period of
    /// half a minute, a cluster whose silos were all killed would wait that long for those that do not come back.
    /// </summary>
    private static readonly TimeSpan Heartbeat = TimeSpan.FromSeconds(5);

    /// <summary>The part of the shortest time to a declaration of death for which a silo answers without having looked at its own entry.</summary>
    private const double FenceShare = 0.8;

    public static void Configure(ClusterMembershipOptions options)
    {
        options.MinProbeTimeout = ShortestProbe;
        options.ProbeTimeout = FirstProbe;
        options.MaxProbeTimeout = LongestProbe;
        options.NumMissedProbesLimit = MissedProbes;
        options.TableRefreshTimeout = TableRefresh;
        options.IAmAliveTablePublishTimeout = Heartbeat;
    }

    /// <summary>The shortest time in which other silos declare a silo dead.</summary>
    public static TimeSpan ShortestDeathTime(ClusterMembershipOptions membership) =>
        membership.MinProbeTimeout * membership.NumMissedProbesLimit;

    /// <summary>For how long a silo answers without having seen itself in the membership table.</summary>
    public static TimeSpan FenceAge(SessionGrainOptions options, ClusterMembershipOptions membership) =>
        options.FenceAge ?? ShortestDeathTime(membership) * FenceShare;

    /// <summary>
    /// Lets nobody take a session of a silo that was declared dead before that silo has stopped answering for it: one that cannot be probed, but still reads
    /// the membership table, may have seen itself active just before the declaration, and continues to answer for the age of the fence. Orleans
    /// blocks the directory for the configured time, counted from its longest failure detection before the declaration; its default of half a minute does not
    /// take the fence into account, and makes sessions unavailable for seconds longer than necessary after each crash.
    /// </summary>
    public static void ConfigureDirectory(GrainDirectoryOptions directory, SessionGrainOptions options, ClusterMembershipOptions membership)
    {
        if (directory.RangeLeaseDuration == GrainDirectoryOptions.DEFAULT_RANGE_LEASE_DURATION)
        {
            directory.RangeLeaseDuration = (membership.MaxProbeTimeout * membership.NumMissedProbesLimit) + FenceAge(options, membership);
        }
    }
}
