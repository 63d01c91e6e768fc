using Microsoft.Extensions.DependencyInjection;
using Orleans.TestingHost;
using ServerSession.Local;
using ServerSession.Tests.Support;

namespace ServerSession.Tests.Races;

/// <summary>A frontend in a silo's process: it reads and commits beside the silo where it can, and asks the grain for the rest, again while that is unavailable.</summary>
internal sealed class Frontend(InProcessSiloHandle silo)
{
    private readonly ILocalSessions _local = silo.ServiceProvider.GetRequiredService<ILocalSessions>();
    private readonly IGrainFactory _grains = silo.ServiceProvider.GetRequiredService<IGrainFactory>();
    private int _readsBeside;
    private int _commitsBeside;

    /// <summary>How many reads needed no call.</summary>
    public int ReadsBeside => Volatile.Read(ref _readsBeside);

    /// <summary>How many commits needed no call.</summary>
    public int CommitsBeside => Volatile.Read(ref _commitsBeside);

    public Task<SessionReply> CommitAsync(SessionId id, CommitSession request) => SessionDriver.RetryAsync(() => TryCommitBeside(id, request) ?? Grain(id).SendAsync(request));

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

    private ValueTask<SessionReply>? TryCommitBeside(SessionId id, CommitSession request)
    {
        if (!_local.TryCommit(id, request, out var reply))
        {
            return null;
        }

        Interlocked.Increment(ref _commitsBeside);
        return reply;
    }

    private ISessionGrain Grain(SessionId id) => _grains.GetGrain<ISessionGrain>(id.ToGrainKey());
}
