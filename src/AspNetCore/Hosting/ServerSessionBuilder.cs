using Microsoft.Extensions.DependencyInjection;

namespace ServerSession;

internal sealed class ServerSessionBuilder(IServiceCollection services) : IServerSessionBuilder
{
    public IServiceCollection Services => services;
}
