// Razor Pages as they are: TempData in the session, and antiforgery tokens protected by keys that all frontends share.
using Microsoft.AspNetCore.DataProtection;

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

sessions.AddAspNetCoreSession();        // HttpContext.Session, which TempData uses
builder.Services.AddDataProtection().SetApplicationName("razor-shop").PersistKeysToServerSession();
builder.Services.AddRazorPages().AddSessionStateTempDataProvider();

var app = builder.Build();
app.UseRouting();
app.UseServerSession();
app.MapRazorPages();
app.Run();
