using Microsoft.Extensions.DependencyInjection;

namespace ServerSession.AspNetCore;

internal sealed class ServerSessionBuilder(IServiceCollection services) : IServerSessionBuilder
{
    public IServiceCollection Services => services;
}
