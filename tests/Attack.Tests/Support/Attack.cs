using Orleans.Core.Internal;
using Orleans.TestingHost;

namespace ServerSession.Tests.Support;

/// <summary>What an attack does beside what a frontend does.</summary>
internal static class Attack
{
    public static readonly Action<SessionGrainOptions> ShortTimeout = static options => options.StorageTimeout = TimeSpan.FromMilliseconds(200);

    /// <summary>For a call that the test holds in the store and lets go: no machine stands still for so long.</summary>
    public static readonly Action<SessionGrainOptions> LongTimeout = static options => options.StorageTimeout = TimeSpan.FromMinutes(1);

    public static readonly SessionTerms Volatile = new() { Durability = SessionDurability.Volatile };

    /// <summary>Write-behind whose interval passes in no test.</summary>
    public static readonly SessionTerms WriteBehind = new() { Durability = SessionDurability.WriteBehind, WriteBehindInterval = TimeSpan.FromHours(1) };

    /// <summary>Stops a silo hard: from this moment on nothing of it reaches the store, as if its process were gone.</summary>
    public static async Task CrashAsync(this SessionCluster cluster, InProcessSiloHandle silo)
    {
        var dead = silo.Name;
        var before = cluster.Store.BeforeAsync;
        cluster.Store.BeforeAsync = operation => operation.SiloName == dead
            ? throw new IOException("The silo is dead.")
            : before?.Invoke(operation) ?? ValueTask.CompletedTask;
        await cluster.KillAsync(silo);
    }

    public static Task<SessionReply> CommitUntilKnownAsync(this SessionDriver session, CommitSession request) =>
        SessionDriver.RetryAsync(() => session.Grain.CommitAsync(request));

    public static async Task UnavailableAsync(Func<ValueTask<SessionReply>> call) =>
        await Assert.ThrowsAsync<SessionUnavailableException>(async () => await call());

    /// <summary>Ends the activation and does not wait: what is left of it may race with what follows.</summary>
    public static async Task DropAsync(this SessionDriver session) => await session.Grain.Cast<IGrainManagementExtension>().DeactivateOnIdle();
}
