using System.Security.Claims;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.Extensions.Options;

namespace ServerSession.SignInHost;

/// <summary>Calls the ticket store as cookie authentication does, with the key in a cookie of its own.</summary>
internal static class TicketEndpoints
{
    private const string Cookie = "ticket";

    public static void MapTickets(this WebApplication app)
    {
        app.MapPost("/ticket", static async (HttpContext context) =>
        {
            context.Response.Cookies.Append(Cookie, await StoreOf(context).StoreAsync(Ticket("stored")));
            return "stored";
        });
        app.MapPut("/ticket", static async (HttpContext context) =>
        {
            using var reader = new StreamReader(context.Request.Body);
            await StoreOf(context).RenewAsync(KeyOf(context), Ticket(await reader.ReadToEndAsync()));
            return Results.NoContent();
        });
        app.MapGet("/ticket", static async (HttpContext context) =>
            await StoreOf(context).RetrieveAsync(KeyOf(context)) is { } ticket ? Results.Text(ticket.Principal.Identity!.Name) : Results.NotFound());
        app.MapDelete("/ticket", static async (HttpContext context) =>
        {
            await StoreOf(context).RemoveAsync(KeyOf(context));
            return Results.NoContent();
        });
    }

    private static string KeyOf(HttpContext context) => context.Request.Cookies[Cookie]!;

    private static ITicketStore StoreOf(HttpContext context) =>
        context.RequestServices.GetRequiredService<IOptionsMonitor<CookieAuthenticationOptions>>().Get(CookieAuthenticationDefaults.AuthenticationScheme).SessionStore!;

    /// <summary>A ticket that belongs to no user's list.</summary>
    private static AuthenticationTicket Ticket(string name) =>
        new(new ClaimsPrincipal(new ClaimsIdentity([new Claim(ClaimTypes.Name, name)], "test")), CookieAuthenticationDefaults.AuthenticationScheme);
}
