using Microsoft.AspNetCore.Builder;
using ServerSession.Benchmarks.Support;

namespace ServerSession.Benchmarks.Server;

/// <summary>A silo in a separate process; its HTTP server only tells what it used.</summary>
internal sealed class OnlySilo : ISessionsUnderTest
{
    public void AddServices(WebApplicationBuilder builder, ServerOptions options) => builder.AddSilo(options);

    public void Use(WebApplication app)
    {
    }

    public void Map(WebApplication app)
    {
    }
}
