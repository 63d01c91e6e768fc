using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace ServerSession.Grains;

internal sealed class ServerSessionSiloBuilder(ISiloBuilder silo) : IServerSessionSiloBuilder
{
    public IServiceCollection Services => silo.Services;

    public IConfiguration Configuration => silo.Configuration;
}
