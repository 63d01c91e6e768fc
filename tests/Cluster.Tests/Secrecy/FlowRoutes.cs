using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;

namespace ServerSession.Tests.Secrecy;

/// <summary>What applications do with a session, and what goes wrong there.</summary>
internal static class FlowRoutes
{
    private const string Key = "key-of-the-application";

    public static void MapFlows(this WebApplication app)
    {
        app.MapGet("/read", static async (IServerSession session) => await session.GetAsync<string>(Key) ?? "none");
        app.MapGet("/read-on-use", static async (IServerSession session) => await session.GetAsync<string>(Key) ?? "none")
            .WithSessionLoad(SessionLoadTime.OnUse);
        app.MapGet("/describe", static async (IServerSession session) =>
            $"{await session.ExistsAsync()} {session.Id} {session.CreatedAt} {session.ExpiresAt} {session.Remaining} {session} {session.Ended.IsCancellationRequested}");
        app.MapPut("/write/{value}", static (IServerSession session, string value) => session.Set(Key, value));
        app.MapPost("/increment", static async (IServerSession session) => await session.IncrementAsync("visits"));
        app.MapPost("/rotate", static async (IServerSession session) => await session.RotateAsync());
        app.MapPost("/destroy", static async (IServerSession session) => await session.DestroyAsync());
        app.MapPut("/short", static (IServerSession session) =>
        {
            session.SetTerms(new SessionTerms { IdleTimeout = SessionTerms.MinimumTime, AbsoluteLifetime = SessionTerms.MinimumTime });
            session.Set(Key, "short");
        });
        app.MapGet("/framework", static (HttpContext context) =>
        {
            context.Session.SetString(Key, "\"framework\"");
            return $"{context.Session.Id} {string.Join(',', context.Session.Keys)} {context.Session}";
        });

        app.MapPut("/too-large", static (IServerSession session) => session.Set(Key, new string('x', SessionLimits.Default.ValueBytes + 1)));
        app.MapPost("/mismatch", static async (IServerSession session) => await session.IncrementAsync(Key));
        app.MapGet("/wrong-type", static async (IServerSession session) => await session.GetAsync<int>(Key));
        app.MapPut("/fail", static (IServerSession session) =>
        {
            session.Set(Key, "discarded");
            throw new InvalidOperationException($"The application failed with {session.Id} and {session}.");
        });
        app.MapPut("/gone", static async (IServerSession session, ISessionAdministration administration) =>
        {
            await session.GetAsync<string>(Key);
            await administration.DestroyAsync(session.Id!.Value);
            session.Set(Key, "late");
        });
        app.MapPut("/too-late", static async (HttpContext context) =>
        {
            await context.Response.WriteAsync("started");
            await context.Response.Body.FlushAsync();
            context.GetServerSession().Set(Key, "late");
        });
    }
}

/// <summary>Pages that use TempData.</summary>
[Route("temp/[action]")]
public sealed class TempPagesController : Controller
{
    [HttpGet, ActionName("write")]
    public IActionResult Write()
    {
        TempData["message"] = "saved";
        return Redirect("/temp/read");
    }

    [HttpGet, ActionName("read")]
    public IActionResult Read() => Content(TempData["message"] as string ?? "none");
}
