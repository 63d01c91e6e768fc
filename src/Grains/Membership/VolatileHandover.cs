using Microsoft.Extensions.Logging;
using Orleans.Runtime;

namespace ServerSession.Grains;

/// <summary>Knows whether a session that has no row can move to another silo when its own one is shut down.</summary>
internal sealed partial class VolatileHandover(ISiloStatusOracle silos, ILogger<VolatileHandover> logger)
{
    private int _told;

    /// <summary>
    /// Whether there is another active silo. Where there is none, the first session that is lost is logged, and stands for all of them: Orleans
    /// would log an error for each.
    /// </summary>
    /// <param name="losesSession">False for what only remembers that a session has ended: nobody misses it.</param>
    public bool MayMove(bool losesSession)
    {
        foreach (var silo in silos.GetApproximateSiloStatuses(onlyActive: true).Keys)
        {
            if (!silo.Equals(silos.SiloAddress))
            {
                return true;
            }
        }

        if (losesSession && Interlocked.Exchange(ref _told, 1) == 0)
        {
            LogNowhereToGo();
        }

        return false;
    }
}
