// A SignalR hub on the session of its user: every call sees the session as it now is, and none is served after it has ended.
using ServerSession;
using SignalRChat;

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

builder.Services.AddSignalR();

var app = builder.Build();
app.UseServerSession();
app.MapPost("/name/{name}", async (string name, IServerSession session) =>
{
    session.Set("name", name);
    await session.RotateAsync();        // a new cookie whenever rights change
    return Results.NoContent();
});
app.MapPost("/leave", async (IServerSession session) =>
{
    await session.DestroyAsync();
    return Results.NoContent();
});
app.MapGet("/spoken", async (IServerSession session) => await session.GetAsync<long>("spoken"));
app.MapHub<ChatHub>("/chat");
app.Run();
