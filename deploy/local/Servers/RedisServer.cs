using System.Globalization;

namespace ServerSession.LocalCluster.Servers;

/// <summary>
/// Redis from the Debian package <c>redis-server</c>. Its append-only file keeps the data over a restart and a kill of the process; it is
/// flushed to the disk once a second, so a power cut may lose the last second.
/// </summary>
public sealed class RedisServer : LocalServer
{
    public const string Kind = "redis";

    public RedisServer(string directory) : base(Kind, directory, portCount: 1)
    {
    }

    /// <summary>Gets the connection string in the form of StackExchange.Redis.</summary>
    public override string ConnectionString => string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{Port}");

    /// <summary>Starts Redis and returns when it answers.</summary>
    /// <param name="directory">The directory for its data; created if missing. Data that it holds is kept.</param>
    /// <param name="port">The loopback port; a free one if null.</param>
    /// <param name="cancellation">Cancels the start.</param>
    /// <exception cref="ServerStartException">It could not be installed or started.</exception>
    public static Task<RedisServer> StartAsync(string directory, int? port = null, CancellationToken cancellation = default) =>
        StartAsync(new RedisServer(directory), port, cancellation);

    private protected override async Task PrepareAsync(CancellationToken cancellation)
    {
        await Packages.EnsureAsync(static () => Command.Exists("redis-server"), ["redis-server"], cancellation).ConfigureAwait(false);
        System.IO.Directory.CreateDirectory(DataDirectory);
    }

    private protected override (string Program, IReadOnlyList<string> Arguments) StartCommand() => ("redis-server",
    [
        "--bind", "127.0.0.1",
        "--port", Port.ToString(CultureInfo.InvariantCulture),
        "--dir", DataDirectory,
        "--daemonize", "no",
        "--appendonly", "yes",
        "--appendfsync", "always",
        "--save", "",
    ]);

    private protected override async Task<bool> IsReadyAsync(CancellationToken cancellation) =>
        await Loopback.AskAsync(Port, "PING\r\n", cancellation).ConfigureAwait(false) is { } answer && answer.StartsWith("+PONG", StringComparison.Ordinal);
}
