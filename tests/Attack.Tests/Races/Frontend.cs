using Microsoft.Extensions.DependencyInjection;
using Orleans.TestingHost;
using ServerSession.Tests.Support;

namespace ServerSession.Tests.Races;

/// <summary>A frontend in a silo's process: it reads and commits locally where it can, and asks the grain for the rest, again while that is unavailable.</summary>
internal sealed class Frontend(InProcessSiloHandle silo)
{
    private readonly ILocalSessions _local = silo.ServiceProvider.GetRequiredService<ILocalSessions>();
    private readonly IGrainFactory _grains = silo.ServiceProvider.GetRequiredService<IGrainFactory>();
    private int _localReads;
    private int _localCommits;

    /// <summary>How many reads needed no call.</summary>
    public int LocalReads => Volatile.Read(ref _localReads);

    /// <summary>How many commits needed no call.</summary>
    public int LocalCommits => Volatile.Read(ref _localCommits);

    public Task<SessionReply> CommitAsync(SessionId id, CommitSession request) => SessionDriver.RetryAsync(() => TryCommitLocally(id, request) ?? Grain(id).CommitAsync(request));

    public Task<SessionReply> OpenAsync(SessionId id, VerifierHash verifier) => TryReadLocally(id, verifier, out var reply)
        ? Task.FromResult(reply)
        : SessionDriver.RetryAsync(() => Grain(id).OpenAsync(verifier, OpenMode.Touch));

    public bool TryReadLocally(SessionId id, VerifierHash verifier, out SessionReply reply)
    {
        if (!_local.TryOpen(id, verifier, OpenMode.Touch, out reply))
        {
            return false;
        }

        Interlocked.Increment(ref _localReads);
        return true;
    }

    private ValueTask<SessionReply>? TryCommitLocally(SessionId id, CommitSession request)
    {
        if (!_local.TryCommit(id, request, out var reply))
        {
            return null;
        }

        Interlocked.Increment(ref _localCommits);
        return reply;
    }

    private ISessionGrain Grain(SessionId id) => _grains.GetGrain<ISessionGrain>(id.ToGrainKey());
}
