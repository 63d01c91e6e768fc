using System.Globalization;

namespace ServerSession.LocalCluster.Servers;

/// <summary>
/// PostgreSQL from the Debian package <c>postgresql</c>, as a separate cluster in the given directory. The database and the role are called
/// <c>serversession</c>; everybody on loopback is trusted. The tables of <c>deploy/sql/postgresql</c> are made at every start. PostgreSQL refuses to
/// run as root: a root process starts it as the package's user <c>postgres</c>.
/// </summary>
public sealed class PostgresServer : LocalServer
{
    public const string Kind = "postgres";

    private const string SystemUser = "postgres";
    private const string Administrator = "postgres";
    private const string Database = "serversession";
    private const string Binaries = "/usr/lib/postgresql";

    public PostgresServer(string directory) : base(Kind, directory, portCount: 1)
    {
    }

    /// <summary>Gets the connection string in the form of Npgsql.</summary>
    public override string ConnectionString =>
        string.Create(CultureInfo.InvariantCulture, $"Host=127.0.0.1;Port={Port};Database={Database};Username={Database}");

    /// <summary>SIGINT: roll back what is open and stop. SIGTERM would wait until every client has gone.</summary>
    private protected override int StopSignal => Signals.Interrupt;

    private static bool IsRoot => Environment.UserName == "root";

    /// <summary>Starts PostgreSQL, makes the database and its tables where they are missing, and returns when they can be used.</summary>
    /// <param name="directory">The directory for its data; created if missing. Data that it holds is kept. A root process gives the directory to the user <c>postgres</c>.</param>
    /// <param name="port">The loopback port; a free one if null.</param>
    /// <param name="cancellation">Cancels the start.</param>
    /// <exception cref="ServerStartException">It could not be installed or started.</exception>
    public static Task<PostgresServer> StartAsync(string directory, int? port = null, CancellationToken cancellation = default) =>
        StartAsync(new PostgresServer(directory), port, cancellation);

    private protected override async Task PrepareAsync(CancellationToken cancellation)
    {
        await Packages.EnsureAsync(static () => FindBinaries() is not null, ["postgresql"], cancellation).ConfigureAwait(false);
        if (IsRoot)
        {
            await Command.RunAsync("chown", [SystemUser, Directory], cancellation).ConfigureAwait(false);
            await ThrowIfOutOfReachAsync(cancellation).ConfigureAwait(false);
        }

        if (!File.Exists(Path.Combine(DataDirectory, "PG_VERSION")))
        {
            var (program, arguments) = AsUser(Tool("initdb"),
                ["--pgdata", DataDirectory, "--username", Administrator, "--auth", "trust", "--encoding", "UTF8", "--locale", "C.UTF-8"]);
            await Command.RunAsync(program, arguments, cancellation).ConfigureAwait(false);
        }
    }

    private protected override (string Program, IReadOnlyList<string> Arguments) StartCommand() => AsUser(Tool("postgres"),
    [
        "-D", DataDirectory,
        "-c", "listen_addresses=127.0.0.1",
        "-c", string.Create(CultureInfo.InvariantCulture, $"port={Port}"),
        "-c", "unix_socket_directories=",
        "-c", "fsync=on",
        "-c", "max_connections=300",
    ]);

    private protected override async Task<bool> IsReadyAsync(CancellationToken cancellation)
    {
        var (code, _, _) = await Command.TryRunAsync(
            Tool("pg_isready"), ["-q", "-h", "127.0.0.1", "-p", Port.ToString(CultureInfo.InvariantCulture), "-t", "2"], cancellation).ConfigureAwait(false);
        return code == 0;
    }

    private protected override async Task SetUpAsync(CancellationToken cancellation)
    {
        await PsqlAsync(Administrator, "postgres", $"""
            SELECT 'CREATE ROLE {Database} LOGIN' WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{Database}') \gexec
            SELECT 'CREATE DATABASE {Database} OWNER {Database}' WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = '{Database}') \gexec
            """, cancellation).ConfigureAwait(false);
        foreach (var script in Resource.Names("postgresql/"))
        {
            await PsqlAsync(Database, Database, Resource.Text(script), cancellation).ConfigureAwait(false);
        }
    }

    private Task<string> PsqlAsync(string user, string database, string sql, CancellationToken cancellation) => Command.RunAsync(
        Tool("psql"),
        ["-X", "-q", "-w", "-v", "ON_ERROR_STOP=1", "-h", "127.0.0.1", "-p", Port.ToString(CultureInfo.InvariantCulture), "-U", user, "-d", database, "-f", "-"],
        cancellation,
        input: sql);

    private async Task ThrowIfOutOfReachAsync(CancellationToken cancellation)
    {
        var (program, arguments) = AsUser("test", ["-w", Directory]);
        var (code, _, _) = await Command.TryRunAsync(program, arguments, cancellation).ConfigureAwait(false);
        if (code != 0)
        {
            throw new ServerStartException(
                $"PostgreSQL does not run as root, and its user '{SystemUser}' cannot reach '{Directory}'. Choose a directory whose parents everybody may enter.");
        }
    }

    // setpriv replaces itself by the program, so the process keeps its id.
    private static (string Program, IReadOnlyList<string> Arguments) AsUser(string program, IReadOnlyList<string> arguments) => IsRoot
        ? ("setpriv", ["--reuid", SystemUser, "--regid", SystemUser, "--init-groups", program, .. arguments])
        : (program, arguments);

    private static string Tool(string name) =>
        Path.Combine(FindBinaries() ?? throw new ServerStartException($"PostgreSQL is not installed: there is no folder '{Binaries}/VERSION/bin'."), name);

    // Debian keeps every major version in a separate folder; the newest is taken.
    private static string? FindBinaries() => !System.IO.Directory.Exists(Binaries) ? null : System.IO.Directory.EnumerateDirectories(Binaries)
        .Where(static folder => File.Exists(Path.Combine(folder, "bin", "postgres")))
        .OrderByDescending(static folder => int.TryParse(Path.GetFileName(folder), CultureInfo.InvariantCulture, out var version) ? version : 0)
        .Select(static folder => Path.Combine(folder, "bin"))
        .FirstOrDefault();
}
