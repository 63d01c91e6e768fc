using System.Net;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace ServerSession.Tests;

/// <summary>The servers that every rule of the response holds on.</summary>
public enum Server
{
    Memory,
    Http1,
    Http2,
}

/// <summary>What a test changes of the application.</summary>
internal sealed class TestSetup
{
    public Server Server { get; init; } = Server.Memory;

    public string Environment { get; init; } = Environments.Development;

    /// <summary>The cookie's name in Development; null for the default. Elsewhere it is always the default.</summary>
    public string? CookieName { get; init; } = Http.CookieName;

    public Action<ServerSessionOptions> Options { get; init; } = static _ => { };

    public Action<IServiceCollection> Services { get; init; } = static _ => { };

    public Action<IServerSessionBuilder> Sessions { get; init; } = static _ => { };

    /// <summary>The pipeline before UseServerSession.</summary>
    public Action<WebApplication> Outside { get; init; } = static _ => { };

    /// <summary>The pipeline after UseServerSession, endpoints included.</summary>
    public required Action<WebApplication> Inside { get; init; }

    /// <summary>Kestrel's end of each connection.</summary>
    public Action<ListenOptions> Connection { get; init; } = static _ => { };
}

/// <summary>An application with sessions in a scripted store, on the server the test names.</summary>
internal sealed class TestApp : IAsyncDisposable
{
    public static readonly string SigningKey = Convert.ToBase64String(RandomNumberGenerator.GetBytes(32));

    private readonly WebApplication _app;

    private TestApp(WebApplication app, Server server, TestClock time, LogCollector logs)
    {
        _app = app;
        Server = server;
        Address = server == Server.Memory
            ? new Uri("http://localhost")
            : new Uri(app.Services.GetRequiredService<IServer>().Features.GetRequiredFeature<IServerAddressesFeature>().Addresses.Single());
        Client = NewClient();
        Time = time;
        Logs = logs;
        Store = app.Services.GetServices<IServerSessionStore>().Concat(app.Services.GetKeyedServices<IServerSessionStore>(KeyedService.AnyKey)).OfType<ScriptedStore>().Single();
    }

    public Server Server { get; }

    public HttpClient Client { get; }

    public Uri Address { get; }

    public ScriptedStore Store { get; }

    public TestClock Time { get; }

    public LogCollector Logs { get; }

    public IServiceProvider Services => _app.Services;

    public static Task<TestApp> StartAsync(Action<WebApplication> inside) => StartAsync(new TestSetup { Inside = inside });

    public static async Task<TestApp> StartAsync(TestSetup setup)
    {
        var time = new TestClock();
        var logs = new LogCollector();
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { EnvironmentName = setup.Environment, ApplicationName = typeof(TestApp).Assembly.GetName().Name });
        builder.Configuration.Sources.Clear();
        builder.Logging.ClearProviders().SetMinimumLevel(LogLevel.Trace).AddProvider(logs);
        builder.Services.AddSingleton<TimeProvider>(time);
        setup.Services(builder.Services);
        var sessions = builder.Services.AddServerSession(options =>
        {
            options.SigningKeys.Add(SigningKey);
            options.RetryBudget = TimeSpan.Zero;
            options.Cookie.Name = builder.Environment.IsDevelopment() ? setup.CookieName : null;
            setup.Options(options);
        });
        sessions.UseStore<ScriptedStore>();
        setup.Sessions(sessions);
        if (setup.Server == Server.Memory)
        {
            builder.WebHost.UseTestServer();
        }
        else
        {
            builder.WebHost.UseKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen =>
            {
                listen.Protocols = setup.Server == Server.Http2 ? HttpProtocols.Http2 : HttpProtocols.Http1;
                setup.Connection(listen);
            }));
        }

        var app = builder.Build();
        setup.Outside(app);
        app.UseServerSession();
        setup.Inside(app);
        await app.StartAsync();
        return new TestApp(app, setup.Server, time, logs);
    }

    /// <summary>A client with separate connections.</summary>
    public HttpClient NewClient() => Server == Server.Memory
        ? _app.GetTestClient()
        : new HttpClient(new SocketsHttpHandler { UseCookies = false, AllowAutoRedirect = false, UseProxy = false })
        {
            BaseAddress = Address,
            DefaultRequestVersion = Server == Server.Http2 ? HttpVersion.Version20 : HttpVersion.Version11,
            DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _app.StopAsync();
        await _app.DisposeAsync();
    }
}
