using ServerSession;
using ServerSession.Hosting;
using ServerSession.WebHost;

if (HealthProbe.IsAsked(args))
{
    return await HealthProbe.RunAsync(args, "http://localhost:5000").ConfigureAwait(false);
}

return await HostRunner.RunAsync("WebHost", () =>
{
    var builder = WebApplication.CreateBuilder(args);
    builder.UseDefaultAddress("http://localhost:5000");
    builder.AddServiceDefaults();
    builder.AddSessionOwner();
    builder.AddDevelopmentCookie();
    builder.AddTrustedProxies();
    builder.AddSameSiteOnly();
    builder.Services.AddSingleton<EventStreams>();
    builder.Services.AddServerSession().UseSerializer<PlainSessionSerializer>();
    builder.Services.AddHealthChecks().AddServerSession(tags: [HealthTags.Ready]);

    var app = builder.Build();
    app.UseTrustedProxies();
    app.UseProblemAnswers();
    app.UseSecurityHeaders();
    app.UseSameSiteOnly();
    app.UseServerSession();

    app.MapHealth();
    app.MapPages();
    app.MapQuote();
    app.MapCounters();
    app.MapData();
    app.MapSession();
    app.MapEvents();
    return app;
}).ConfigureAwait(false);
