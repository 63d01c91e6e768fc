using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace ServerSession.Benchmarks.Server;

/// <summary>This product with its own defaults.</summary>
internal sealed class GrainSessions(SessionDurability durability, Action<WebApplicationBuilder, ServerOptions> addOrleans) : ISessionsUnderTest
{
    public void AddServices(WebApplicationBuilder builder, ServerOptions options)
    {
        addOrleans(builder, options);
        builder.Services.AddServerSession(session => session.Durability = durability);
    }

    public void Use(WebApplication app) => app.UseServerSession();

    public void Map(WebApplication app)
    {
        app.MapGet("/create", static async (HttpContext context) => await WriteAsync(context));
        app.MapGet(Endpoint.Untouched, static () => Payload.First);
        app.MapGet(Endpoint.Read, static (HttpContext context) => ReadAsync(context));
        app.MapGet(Endpoint.ReadRecent, static (HttpContext context) => ReadAsync(context)).WithSessionMaxStaleness(TimeSpan.FromSeconds(2));
        app.MapGet(Endpoint.Write, static async (HttpContext context) => await WriteAsync(context));
        app.MapGet(Endpoint.ReadThenWrite, static async (HttpContext context) =>
        {
            var session = context.GetServerSession();
            var value = Payload.After(await session.GetAsync<string>(Payload.Key));
            session.Set(Payload.Key, value);
            return value;
        });
    }

    private static async ValueTask<string> ReadAsync(HttpContext context) =>
        await context.GetServerSession().GetAsync<string>(Payload.Key) ?? throw new InvalidOperationException("The session has lost its value.");

    private static async Task<string> WriteAsync(HttpContext context)
    {
        context.GetServerSession().Set(Payload.Key, Payload.First);
        return Payload.First;
    }
}
