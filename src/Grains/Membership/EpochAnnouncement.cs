using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.Runtime;

namespace ServerSession.Grains;

/// <summary>
/// Makes certain that no silo answers for a session of an older epoch: each silo that the membership table lists as active confirms the new one, and whichever is not
/// listed as active is waited for until its fence must be stale.
/// </summary>
/// <remarks>The table is read after the epoch was stored, and a silo reads the epoch after it is listed as active: so none is missed that joins meanwhile.</remarks>
internal sealed class EpochAnnouncement(
    IMembershipTable table, EpochServiceClient silos, SessionClock clock, IOptions<SessionGrainOptions> options, IOptions<ClusterMembershipOptions> membership)
{
    /// <summary>A silo that stands still is declared dead before that.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(25);

    private static readonly TimeSpan TableTimeout = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);

    /// <summary>With a margin, because monotonic clocks of two machines run at slightly different rates.</summary>
    private readonly TimeSpan _fenceAge = FailureDetection.FenceAge(options.Value, membership.Value) * 1.1;

    /// <exception cref="SessionUnavailableException">A silo has not confirmed.</exception>
    public async Task CompleteAsync(long epoch)
    {
        var began = clock.Monotonic.GetTimestamp();
        HashSet<SiloAddress> confirmed = [];
        for (; ; )
        {
            var entries = await ReadAsync();
            var readAt = clock.Monotonic.GetTimestamp();
            var waiting = entries.Where(entry => entry.Status == SiloStatus.Active && !confirmed.Contains(entry.SiloAddress)).Select(static entry => entry.SiloAddress).ToArray();
            var told = await Task.WhenAll(waiting.Select(silo => TellAsync(silo, epoch)));
            confirmed.UnionWith(waiting.Where((_, index) => told[index]));
            if (!told.Contains(false))
            {
                if (entries.Any(static entry => entry.Status is not SiloStatus.Active))
                {
                    await Task.Delay(_fenceAge - Shorter(clock.Monotonic.GetElapsedTime(readAt), _fenceAge), clock.Monotonic);
                }

                return;
            }

            if (clock.Monotonic.GetElapsedTime(began) > Patience)
            {
                throw new SessionUnavailableException(
                    $"The end of all sessions is stored, but {told.Count(static confirmation => !confirmation)} silos have not confirmed it. Call it again to be certain.");
            }

            await Task.Delay(Pause, clock.Monotonic);
        }
    }

    private async Task<IReadOnlyList<MembershipEntry>> ReadAsync()
    {
        try
        {
            var data = await table.ReadAllAsync(CancellationToken.None).WaitAsync(TableTimeout, clock.Monotonic);
            return [.. data.Members.Select(static member => member.Item1)];
        }
        catch (Exception exception)
        {
            throw new SessionUnavailableException("The end of all sessions is stored, but the membership table cannot be read. Call it again to be certain.", exception);
        }
    }

    private async Task<bool> TellAsync(SiloAddress silo, long epoch)
    {
        try
        {
            await silos.Of(silo).LearnAsync(epoch);
            return true;
        }
        catch (Exception exception) when (exception is TimeoutException or OrleansException)
        {
            return false;
        }
    }

    private static TimeSpan Shorter(TimeSpan one, TimeSpan other) => one < other ? one : other;
}
