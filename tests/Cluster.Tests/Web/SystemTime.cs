using Microsoft.Extensions.DependencyInjection;

namespace ServerSession.Tests.Web;

/// <summary>Lets silos tell time by the same clock as the frontends.</summary>
internal static class SystemTime
{
    public static void Use(ISiloBuilder silo) => silo.Services.AddSingleton(new SessionClock(TimeProvider.System));
}
