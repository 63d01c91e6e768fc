using Microsoft.Extensions.DependencyInjection;
using Orleans.TestingHost;
using ServerSession.Local;
using ServerSession.Tests.Support;

namespace ServerSession.Tests.Races;

/// <summary>A frontend in a silo's process: it reads beside the silo where it can, and asks the grain for the rest, again while that is unavailable.</summary>
internal sealed class Frontend(InProcessSiloHandle silo)
{
    private readonly ILocalSessions _local = silo.ServiceProvider.GetRequiredService<ILocalSessions>();
    private readonly IGrainFactory _grains = silo.ServiceProvider.GetRequiredService<IGrainFactory>();
    private int _readsBeside;

    /// <summary>How many reads needed no call.</summary>
    public int ReadsBeside => Volatile.Read(ref _readsBeside);

    public Task<SessionReply> CommitAsync(SessionId id, CommitSession request) => SessionDriver.RetryAsync(() => Grain(id).CommitAsync(request));

    public Task<SessionReply> OpenAsync(SessionId id, VerifierHash verifier) => TryReadBeside(id, verifier, out var reply)
        ? Task.FromResult(reply)
        : SessionDriver.RetryAsync(() => Grain(id).OpenAsync(verifier, OpenMode.Touch));

    public bool TryReadBeside(SessionId id, VerifierHash verifier, out SessionReply reply)
    {
        if (!_local.TryOpen(id, verifier, OpenMode.Touch, out reply))
        {
            return false;
        }

        Interlocked.Increment(ref _readsBeside);
        return true;
    }

    private ISessionGrain Grain(SessionId id) => _grains.GetGrain<ISessionGrain>(id.ToGrainKey());
}
