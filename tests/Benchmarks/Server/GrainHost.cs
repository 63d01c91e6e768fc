using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Hosting;
using ServerSession.Benchmarks.Support;

namespace ServerSession.Benchmarks.Server;

/// <summary>Where the sessions' silo is.</summary>
internal static class GrainHost
{
    /// <summary>In the same process.</summary>
    public static void Embedded(WebApplicationBuilder builder, ServerOptions options) => builder.AddSilo(options);

    /// <summary>In separate processes.</summary>
    public static void Client(WebApplicationBuilder builder, ServerOptions options) => builder.UseOrleansClient(client =>
        client.UseStaticClustering([.. options.Gateways.Select(static port => new IPEndPoint(IPAddress.Loopback, port))]));
}
