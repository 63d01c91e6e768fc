// An interactive Blazor Server page on the session of its user: the circuit takes the session along at its start, and ends with it.
using BlazorCart;
using BlazorCart.Components;
using Microsoft.AspNetCore.Components.Server.Circuits;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.SignalR;
using ServerSession;

var builder = WebApplication.CreateBuilder(args);
var sessions = builder.Services.AddServerSession();
if (builder.Environment.IsEnvironment("Testing"))
{
    sessions.UseInMemoryStore();
}
else
{
    builder.UseOrleans(silo => silo
        .UseLocalhostClustering()
        .AddSqliteGrainStorage("sessions", storage => storage.Path = "data/sessions.db")
        .AddServerSession());
}

builder.WebHost.UseStaticWebAssets();       // the framework's script, also where it is not published and not Development
builder.Services.AddDataProtection().SetApplicationName("blazor-cart").PersistKeysToServerSession();
builder.Services.AddRazorComponents().AddInteractiveServerComponents();
builder.Services.AddSignalR(options => options.AddFilter<CircuitRequest>());
builder.Services.AddScoped<CircuitSession>();
builder.Services.AddScoped<CircuitHandler>(services => services.GetRequiredService<CircuitSession>());

var app = builder.Build();
app.UseServerSession();         // before the components: the connection of a circuit is a request with a session, too
app.UseAntiforgery();
app.MapStaticAssets();
app.MapRazorComponents<App>().AddInteractiveServerRenderMode();

// Whatever starts a session, replaces its token or ends it needs a response that carries the cookie: a form, and not a circuit.
app.MapPost("/name", async ([FromForm] string name, IServerSession session) =>
{
    session.Set("name", name);
    await session.RotateAsync();
    return Results.LocalRedirect("/cart");
});
app.MapPost("/leave", async (IFormCollection _, IServerSession session) =>
{
    await session.DestroyAsync();
    return Results.LocalRedirect("/");
});
app.Run();
