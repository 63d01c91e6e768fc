using System.Net;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using ServerSession.Benchmarks.Support;

namespace ServerSession.Benchmarks.Hostile;

/// <summary>Kestrel, this product and its silo, in this process.</summary>
internal sealed class HostileApp : IAsyncDisposable
{
    public const string Header = "Session-Token";

    /// <summary>Every answer, so that all of them have one length.</summary>
    public const string Body = "done";

    private static readonly byte[] BodyBytes = Encoding.ASCII.GetBytes(Body);

    private readonly MemoryTransport _transport = new();
    private readonly string _folder = Folders.Temporary();
    private WebApplication? _app;

    public static async Task<HostileApp> StartAsync()
    {
        var made = new HostileApp();
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions
        {
            EnvironmentName = Environments.Production,
            ContentRootPath = AppContext.BaseDirectory,
        });
        builder.AddSilo(made._folder);
        builder.WebHost.UseKestrel(static kestrel => kestrel.Listen(new IPEndPoint(IPAddress.Loopback, 80)));
        builder.Services.AddSingleton<IConnectionListenerFactory>(made._transport);
        builder.Services.AddServerSession(static options => options.Header = Header);
        var app = builder.Build();
        app.UseServerSession();
        app.Run(AnswerAsync);
        await app.StartAsync();
        made._app = app;
        return made;
    }

    public MemoryClient Connect() => new(_transport.Connect());

    public async ValueTask DisposeAsync()
    {
        if (_app is { } app)
        {
            await app.StopAsync();
            await app.DisposeAsync();
        }

        Directory.Delete(_folder, recursive: true);
    }

    private static async Task AnswerAsync(HttpContext context)
    {
        switch (context.Request.Path.Value)
        {
            case "/create": context.GetServerSession().Set("key", "value"); break;
            case "/read": await context.GetServerSession().GetAsync<string>("key"); break;
            default: break;
        }

        context.Response.ContentLength = BodyBytes.Length;
        await context.Response.Body.WriteAsync(BodyBytes);
    }
}
