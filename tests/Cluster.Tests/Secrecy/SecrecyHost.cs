using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans.Configuration;
using ServerSession.Tests.Support;

namespace ServerSession.Tests.Secrecy;

/// <summary>Kestrel, a silo and a SQLite file as in production, with everything they say written down.</summary>
public sealed class SecrecyHost : IAsyncDisposable
{
    public const string TokenHeader = "Session-Token";

    private readonly WebApplication _app;
    private readonly string _folder;

    private SecrecyHost(WebApplication app, string folder, EndingEvents events)
    {
        _app = app;
        _folder = folder;
        Events = events;
        Address = new Uri(app.Services.GetRequiredService<IServer>().Features.GetRequiredFeature<IServerAddressesFeature>().Addresses.Single());
    }

    public Uri Address { get; }

    public EndingEvents Events { get; }

    private string DatabasePath => Path.Combine(_folder, "sessions.db");

    public static async Task<SecrecyHost> StartAsync(Evidence evidence)
    {
        var folder = Directory.CreateTempSubdirectory("server-session-secrecy-").FullName;
        var events = new EndingEvents();
        var ports = FreePorts.Take(2);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders().SetMinimumLevel(LogLevel.Trace).AddProvider(new LogRecorder(evidence));
        builder.WebHost.UseKestrel(static kestrel => kestrel.Listen(IPAddress.Loopback, 0, static listen => listen.Protocols = HttpProtocols.Http1));
        builder.UseOrleans(silo =>
        {
            silo.UseLocalhostClustering(ports[0], ports[1]);
            silo.AddActivityPropagation();
            silo.AddSqliteGrainStorage(SessionGrainOptions.StorageName, options => options.Path = Path.Combine(folder, "sessions.db"));
            silo.AddServerSession(static options =>
            {
                options.RotationGrace = TimeSpan.Zero;
                options.StorageTimeout = TimeSpan.FromSeconds(2);
            });
            silo.Services.AddSingleton<ISessionEventHandler>(events);

            // On a busy machine it may stand still for longer than a production silo may.
            new PatientTime().Configure<SiloMessagingOptions>(silo.Services);
            silo.Configure<ClusterMembershipOptions>(static options => options.MinProbeTimeout = options.ProbeTimeout = options.MaxProbeTimeout = TimeSpan.FromSeconds(20));
        });
        builder.Services.AddControllersWithViews().AddApplicationPart(typeof(SecrecyHost).Assembly).AddSessionStateTempDataProvider();
        builder.Services.AddServerSession(static options =>
        {
            options.Header = TokenHeader;
            options.RetryBudget = TimeSpan.FromSeconds(1);
        }).AddAspNetCoreSession();
        var app = builder.Build();
        app.UseServerSession();
        app.MapFlows();
        app.MapLeaks();
        app.MapControllers();
        await app.StartAsync();
        return new SecrecyHost(app, folder, events);
    }

    /// <summary>Lets every call to the store fail until the result is disposed.</summary>
    public IDisposable BreakStore()
    {
        Execute("ALTER TABLE grain_state RENAME TO away");
        return new Undo(() => Execute("ALTER TABLE away RENAME TO grain_state"));
    }

    /// <summary>Lets every write to the store wait, longer than the session grain does, until the result is disposed.</summary>
    public IDisposable BlockStore()
    {
        var connection = Open();
        using var command = connection.CreateCommand();
        command.CommandText = "BEGIN IMMEDIATE";
        command.ExecuteNonQuery();
        return connection;
    }

    /// <summary>The database with its log and its shared memory, as they are while the silo runs.</summary>
    public void KeepFiles(Evidence evidence)
    {
        var copy = Directory.CreateTempSubdirectory("server-session-secrecy-copy-").FullName;

        // By another process: closing a file here would give up the locks that SQLite holds on it in this one.
        using (var copier = System.Diagnostics.Process.Start("cp", ["-r", _folder, copy]))
        {
            copier.WaitForExit();
            Assert.Equal(0, copier.ExitCode);
        }

        evidence.AddFiles(copy);
        Directory.Delete(copy, recursive: true);
    }

    /// <summary>Stops everything and keeps the files as they are left.</summary>
    public async Task StopAsync(Evidence evidence)
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
        evidence.AddFiles(_folder);
    }

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private SqliteConnection Open()
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = DatabasePath, Pooling = false }.ToString());
        connection.Open();
        return connection;
    }

    private void Execute(string sql)
    {
        using var connection = Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    private sealed class Undo(Action action) : IDisposable
    {
        public void Dispose() => action();
    }
}
