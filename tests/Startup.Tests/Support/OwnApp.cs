using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;

namespace ServerSession.Tests;

/// <summary>An application as its author writes it: web tier and silo in one process, in the order the test chooses, with its sessions in a file.</summary>
internal sealed class OwnApp : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly int[] _ports = FreePorts.Take(2);

    public OwnApp(string environment = "Development", params (string Key, string Value)[] settings)
    {
        Builder = WebApplication.CreateBuilder(new WebApplicationOptions { EnvironmentName = environment, ApplicationName = typeof(OwnApp).Assembly.GetName().Name });
        Builder.Configuration.Sources.Clear();
        Builder.Configuration.AddInMemoryCollection(settings.ToDictionary(static setting => setting.Key, static setting => (string?)setting.Value));
        Builder.Logging.ClearProviders().SetMinimumLevel(LogLevel.Information).AddProvider(Logs);
        Builder.WebHost.UseTestServer();
    }

    public WebApplicationBuilder Builder { get; }

    public LogCollector Logs { get; } = new();

    public IServiceCollection Services => Builder.Services;

    /// <summary>The silo's own settings, and its storage.</summary>
    public void UseSilo(Action<ISiloBuilder> configure, bool file = true) => Builder.UseOrleans(silo =>
    {
        silo.UseLocalhostClustering(_ports[0], _ports[1]);
        if (file)
        {
            silo.AddSqliteGrainStorage("sessions", storage => storage.Path = _folder["sessions.db"]);
        }

        configure(silo);
    });

    /// <summary>Builds the application with one endpoint that counts.</summary>
    public WebApplication Build()
    {
        var app = Builder.Build();
        app.UseServerSession();
        app.MapGet("/", static async (HttpContext context) => $"{await context.GetServerSession().IncrementAsync("visits")}");
        return app;
    }

    /// <summary>What stops the start.</summary>
    public static async Task<Exception> RefusalAsync(WebApplication app)
    {
        await using (app)
        {
            return await Assert.ThrowsAnyAsync<Exception>(() => app.StartAsync());
        }
    }

    public void Dispose() => _folder.Dispose();
}
