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

var app = builder.Build();
app.UseServerSession();
app.MapPost("/login/{name}", (string name, IServerSession session) =>
{
    session.Set("user", name);
    return Results.NoContent();
});
app.MapGet("/me", async (IServerSession session) =>
    await session.GetAsync<string>("user") is { } user ? Results.Text(user) : Results.Unauthorized());
app.Run();

public partial class Program;
