using ServerSession.Hosting;

if (HealthProbe.IsAsked(args))
{
    return await HealthProbe.RunAsync(args, "http://localhost:5010").ConfigureAwait(false);
}

return await HostRunner.RunAsync("Silo", () =>
{
    var builder = WebApplication.CreateBuilder(args);
    builder.UseDefaultAddress("http://localhost:5010");
    builder.AddServiceDefaults();
    builder.AddSessionSilo();

    var app = builder.Build();
    app.MapHealth();
    return app;
}).ConfigureAwait(false);
