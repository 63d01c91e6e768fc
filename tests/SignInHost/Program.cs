// A frontend of a cluster, as the WebHost is one, whose users sign in, look at their sessions and end them: for tests that kill processes meanwhile.
using ServerSession;
using ServerSession.Hosting;
using ServerSession.SignInHost;

return await HostRunner.RunAsync("SignInHost", () =>
{
    var builder = WebApplication.CreateBuilder(args);
    builder.UseDefaultAddress("http://localhost:5000");
    builder.AddServiceDefaults();
    builder.AddSessionClient();
    builder.Services.AddServerSession().AddTickets();
    builder.Services.AddAuthentication().AddCookie();
    builder.Services.AddHealthChecks().AddServerSession(tags: [HealthTags.Ready]);

    var app = builder.Build();
    app.UseServerSession();
    app.MapHealth();

    // Nobody asks for a password: the tests are the only users.
    app.MapPost("/sign-in/{user}", async (IServerSession session, string user) =>
    {
        await session.BindToAsync(user);
        return session.Id!.Value.ToString();
    });
    app.MapPost("/sign-out", async (IServerSession session) =>
    {
        await session.DestroyAsync();
        return Results.NoContent();
    });
    app.MapGet("/me", async (IServerSession session) => await session.ExistsAsync() && session.IsBound is true ? Results.Text(session.Id!.Value.ToString()) : Results.NotFound());

    app.MapPut("/me", async (IServerSession session) =>
    {
        if (!await session.ExistsAsync())
        {
            return Results.NotFound();
        }

        session.Set("note", "written");
        return Results.NoContent();
    });
    app.MapTickets();
    app.MapPost("/end", async (ISessionAdministration administration) =>
    {
        await administration.EndAllAsync();
        return Results.NoContent();
    });

    app.MapGet("/sessions/{user}", async (IServerSessionSubjects users, string user) =>
    {
        List<string> ids = [];
        long? before = null;
        do
        {
            var page = await users.ListAsync(user, before: before);
            ids.AddRange(page.Sessions.Select(static session => session.Id.ToString()));
            before = page.Next;
        }
        while (before is not null);
        return string.Join(' ', ids);
    });
    app.MapPost("/sessions/{user}/end", async (IServerSessionSubjects users, string user) =>
    {
        await users.EndAllAsync(user);
        return Results.NoContent();
    });
    return app;
});
