using System.Globalization;

namespace ServerSession.LocalCluster.Servers;

/// <summary>
/// Azurite, the emulator of Azure Storage, from npm in the version of <c>azurite/package-lock.json</c>. It keeps its data over an orderly
/// stop; its tables of contents are written every few seconds, so a kill of the process may lose the last ones.
/// </summary>
public sealed class AzuriteServer : LocalServer
{
    public const string Kind = "azurite";

    private const string Account = "devstoreaccount1";

    // The published key of the emulator's only account; it protects nothing.
    private const string AccountKey = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";

    public AzuriteServer(string directory) : base(Kind, directory, portCount: 3)
    {
    }

    /// <summary>Gets the loopback port of the Blob service.</summary>
    public int BlobPort => Ports[0];

    /// <summary>Gets the loopback port of the Table service.</summary>
    public int TablePort => Ports[1];

    /// <summary>Gets the connection string of the storage account, with its Blob, Table and Queue services.</summary>
    public override string ConnectionString => string.Create(CultureInfo.InvariantCulture,
        $"DefaultEndpointsProtocol=http;AccountName={Account};AccountKey={AccountKey};BlobEndpoint={Endpoint(BlobPort)};TableEndpoint={Endpoint(TablePort)};QueueEndpoint={Endpoint(Ports[2])}");

    /// <summary>Starts Azurite and returns when it answers.</summary>
    /// <param name="directory">The directory for its data; created if missing. Data that it holds is kept.</param>
    /// <param name="port">The loopback port of the Blob service; those of the Table and Queue services follow it. Free ones if null.</param>
    /// <param name="cancellation">Cancels the start.</param>
    /// <exception cref="ServerStartException">It could not be installed or started.</exception>
    public static Task<AzuriteServer> StartAsync(string directory, int? port = null, CancellationToken cancellation = default) =>
        StartAsync(new AzuriteServer(directory), port, cancellation);

    private protected override async Task PrepareAsync(CancellationToken cancellation)
    {
        await AzuriteInstallation.EnsureAsync(cancellation).ConfigureAwait(false);
        System.IO.Directory.CreateDirectory(DataDirectory);
    }

    private protected override (string Program, IReadOnlyList<string> Arguments) StartCommand() => ("node",
    [
        AzuriteInstallation.Program,
        "--location", DataDirectory,
        "--silent", "--disableTelemetry", "--skipApiVersionCheck",
        "--blobHost", "127.0.0.1", "--blobPort", BlobPort.ToString(CultureInfo.InvariantCulture),
        "--tableHost", "127.0.0.1", "--tablePort", TablePort.ToString(CultureInfo.InvariantCulture),
        "--queueHost", "127.0.0.1", "--queuePort", Ports[2].ToString(CultureInfo.InvariantCulture),
    ]);

    private protected override async Task<bool> IsReadyAsync(CancellationToken cancellation)
    {
        foreach (var port in Ports)
        {
            var answer = await Loopback.AskAsync(port, "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n", cancellation).ConfigureAwait(false);
            if (answer is null || !answer.StartsWith("HTTP/1.1 ", StringComparison.Ordinal))
            {
                return false;
            }
        }

        return true;
    }

    private static string Endpoint(int port) => string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{port}/{Account}");
}
