using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace ServerSession.Benchmarks.Server;

/// <summary>
/// ASP.NET Core's session over its distributed cache, used as its documentation advises: loaded asynchronously before use, committed by its
/// middleware.
/// </summary>
internal sealed class AspNetSessions : ISessionsUnderTest
{
    public void AddServices(WebApplicationBuilder builder, ServerOptions options)
    {
        if (options.Variant is Variant.AspNetRedis or Variant.AspNetGarnet)
        {
            builder.Services.AddStackExchangeRedisCache(redis =>
                redis.Configuration = string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{options.RedisPort}"));
        }
        else
        {
            builder.Services.AddDistributedMemoryCache();
        }

        // The session's cookie is protected; the keys need not outlive the run.
        builder.Services.AddDataProtection().UseEphemeralDataProtectionProvider();
        builder.Services.AddSession(static session => session.Cookie.IsEssential = true);
    }

    public void Use(WebApplication app) => app.UseSession();

    public void Map(WebApplication app)
    {
        app.MapGet("/create", static async (HttpContext context) => await WriteAsync(context));
        app.MapGet(Endpoint.Untouched, static () => Payload.First);
        app.MapGet(Endpoint.Read, static async (HttpContext context) =>
        {
            await context.Session.LoadAsync(context.RequestAborted);
            return context.Session.GetString(Payload.Key) ?? throw new InvalidOperationException("The session has lost its value.");
        });
        app.MapGet(Endpoint.Write, static async (HttpContext context) => await WriteAsync(context));
        app.MapGet(Endpoint.ReadThenWrite, static async (HttpContext context) =>
        {
            await context.Session.LoadAsync(context.RequestAborted);
            var value = Payload.After(context.Session.GetString(Payload.Key));
            context.Session.SetString(Payload.Key, value);
            return value;
        });
    }

    private static async Task<string> WriteAsync(HttpContext context)
    {
        await context.Session.LoadAsync(context.RequestAborted);
        context.Session.SetString(Payload.Key, Payload.First);
        return Payload.First;
    }
}
