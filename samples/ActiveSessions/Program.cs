// Sign-in with tickets on the server, and a page on which users see where they are signed in and end what they do not know.
using System.Runtime.CompilerServices;
using System.Security.Claims;
using ActiveSessions;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Mvc;
using ServerSession;

var builder = WebApplication.CreateBuilder(args);
var sessions = builder.Services.AddServerSession();
if (builder.Environment.IsEnvironment("Testing"))
{
    sessions.UseInMemoryStore();
}
else
{
    // Where the ports of another silo on this machine are in the way: --SiloPort 11112 --GatewayPort 30001
    builder.UseOrleans(silo => silo
        .UseLocalhostClustering(builder.Configuration.GetValue("SiloPort", 11111), builder.Configuration.GetValue("GatewayPort", 30000))
        .AddSqliteGrainStorage("sessions", storage => storage.Path = "data/sessions.db")
        .AddServerSession());
}

// Each ticket is a session on the list of its user. What the list shows of a device is this application's choice.
sessions.AddTickets(configure: tickets => tickets.Label = context => context.Request.Headers.UserAgent.ToString());
builder.Services.AddDataProtection().SetApplicationName("active-sessions").PersistKeysToServerSession();
builder.Services.AddAuthentication(CookieAuthenticationDefaults.AuthenticationScheme).AddCookie(cookie => cookie.LoginPath = "/");
builder.Services.AddAuthorization();
builder.Services.AddAntiforgery();

var app = builder.Build();
app.UseServerSession();         // before authentication: an outage is then answered with 503
app.UseAuthentication();
app.UseAuthorization();
app.UseAntiforgery();

app.MapGet("/", (HttpContext context, IAntiforgery antiforgery) => Pages.SignIn(context, antiforgery));

// A real application checks a password here.
app.MapPost("/sign-in", ([FromForm] string name) => Results.SignIn(
    new ClaimsPrincipal(new ClaimsIdentity([new Claim(ClaimTypes.NameIdentifier, name), new Claim(ClaimTypes.Name, name)], "form")),
    new AuthenticationProperties { RedirectUri = "/sessions" }));

// Whoever takes the form has its antiforgery token checked first.
app.MapPost("/sign-out", (IFormCollection _) => Results.SignOut(new AuthenticationProperties { RedirectUri = "/" }));

var mine = app.MapGroup("/sessions").RequireAuthorization();
mine.MapGet("", async (HttpContext context, IServerSessionSubjects users, IAntiforgery antiforgery) =>
    Pages.Sessions(context, antiforgery, await users.ListAsync(UserOf(context), context.GetTicketSessionId())));

mine.MapPost("/end", async (HttpContext context, [FromForm] string id, IServerSessionSubjects users) =>
{
    if (SessionId.TryParse(id, out var session))
    {
        await users.EndAsync(UserOf(context), session);     // ends no session of another user
    }

    return Results.LocalRedirect("/sessions");
});

mine.MapPost("/end-others", async (IFormCollection _, HttpContext context, IServerSessionSubjects users) =>
{
    await users.EndOthersAsync(UserOf(context), context.GetTicketSessionId()!.Value);
    return Results.LocalRedirect("/sessions");
});

// Server-Sent Events: the page hears at once that it was signed out elsewhere. An open page does not keep its user signed in.
mine.MapGet("/events", async (HttpContext context, CancellationToken left) => await context.FollowTicketAsync() is { } ticket
    ? TypedResults.ServerSentEvents(SignalsAsync(ticket, left))
    : Results.NoContent()).WithSessionPeek();

app.Run();

static async IAsyncEnumerable<string> SignalsAsync(ISessionFollower ticket, [EnumeratorCancellation] CancellationToken left)
{
    await using (ticket)
    {
        await foreach (var signal in ticket.ReadSignalsAsync(warnBefore: TimeSpan.FromMinutes(1), left))
        {
            yield return signal.Kind.ToString();    // Live, ExpiresSoon, Extended, Ended
        }
    }
}

static string UserOf(HttpContext context) => context.User.FindFirstValue(ClaimTypes.NameIdentifier)!;
