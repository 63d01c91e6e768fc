using Microsoft.Extensions.DependencyInjection;

namespace ServerSession.Tests.Web;

/// <summary>Lets silos tell time by the same clock as the frontends.</summary>
internal static class SystemTime
{
    /// <summary>How long a silo accepts a message: no machine stands still for so long.</summary>
    public static readonly TimeSpan OperationWindow = TimeSpan.FromMinutes(1);

    public static void Use(ISiloBuilder silo)
    {
        silo.Services.AddSingleton(new SessionClock(TimeProvider.System));
        silo.Configure<SessionGrainOptions>(static options => options.OperationWindow = OperationWindow);
    }
}
