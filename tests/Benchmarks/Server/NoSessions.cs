using System.Buffers.Text;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using ServerSession.Benchmarks.Support;

namespace ServerSession.Benchmarks.Server;

/// <summary>The ceiling. Its requests carry a cookie of the same length, which nobody reads.</summary>
internal sealed class NoSessions(bool withSilo) : ISessionsUnderTest
{
    public void AddServices(WebApplicationBuilder builder, ServerOptions options)
    {
        if (withSilo)
        {
            builder.AddSilo(options);
        }
    }

    public void Use(WebApplication app)
    {
    }

    public void Map(WebApplication app)
    {
        app.MapGet("/create", static (HttpContext context) =>
        {
            context.Response.Cookies.Append("__Host-session", Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(51)));
            return Payload.First;
        });
        foreach (var endpoint in Endpoint.All)
        {
            app.MapGet(endpoint, static () => Payload.First);
        }
    }
}
