using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;

namespace ServerSession.Hosting;

/// <summary>
/// While the host drains, its answers close their HTTP/1.1 connections. A client that keeps one open would otherwise send its next request into
/// the moment in which the server closes it, and that request would fail.
/// </summary>
public sealed class ConnectionsThatLeave(HostPhase phase) : IStartupFilter
{
    public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
    {
        app.Use(rest => context =>
        {
            if (phase.IsLeaving && HttpProtocol.IsHttp11(context.Request.Protocol))
            {
                context.Response.Headers.Connection = "close";
            }

            return rest(context);
        });
        next(app);
    };
}
