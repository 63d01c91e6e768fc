using System.Reflection;

namespace ServerSession.LocalCluster;

/// <summary>What a local cluster consists of.</summary>
public sealed record ProcessClusterOptions
{
    private const int MostMembers = 50;

    /// <summary>Gets the number of silo processes: 1 to 50, 3 by default. Read only where the cluster is not co-hosted.</summary>
    public int Silos { get; init; } = 3;

    /// <summary>Gets the number of frontend processes: 0 to 50 (co-hosted: from 1), 2 by default.</summary>
    public int WebHosts { get; init; } = 2;

    /// <summary>Gets a value indicating whether every frontend holds a silo and no process is a silo alone. False by default.</summary>
    public bool Cohosted { get; init; }

    /// <summary>Gets where sessions and membership are kept; <see cref="StorageKind.Redis"/> by default.</summary>
    public StorageKind Storage { get; init; } = StorageKind.Redis;

    /// <summary>Gets more settings of every member, for example <c>ServerSession:IdleTimeout</c>; they outweigh those that the tool makes.</summary>
    public IReadOnlyDictionary<string, string> Settings { get; init; } = new Dictionary<string, string>();

    /// <summary>
    /// Gets the environment of the members. In <c>Development</c>, the default, cookies work over plain HTTP; in <c>Production</c> they are Secure.
    /// </summary>
    public string Environment { get; init; } = "Development";

    /// <summary>Gets the silo's assembly, for example that of another build; by default the one of this source tree.</summary>
    public string SiloAssembly { get; init; } = Built("Silo");

    /// <summary>Gets the frontend's assembly, for example that of another build; by default the one of this source tree.</summary>
    public string WebHostAssembly { get; init; } = Built("WebHost");

    /// <summary>The folder of a cluster that is given none: <c>artifacts/cluster</c> in the source tree.</summary>
    public static string DefaultDirectory => Path.Combine(Built("Repository"), "artifacts", "cluster");

    /// <summary>Finds what cannot work, before anything is started.</summary>
    /// <exception cref="LocalClusterException">Something cannot; the message says what and why.</exception>
    public void Validate()
    {
        if (Cohosted ? WebHosts is < 1 or > MostMembers : Silos is < 1 or > MostMembers || WebHosts is < 0 or > MostMembers)
        {
            throw new LocalClusterException(Cohosted
                ? $"--webhosts is {WebHosts}: a co-hosted cluster needs 1 to {MostMembers} of them."
                : $"--silos is {Silos} and --webhosts is {WebHosts}: give 1 to {MostMembers} silos and 0 to {MostMembers} webhosts.");
        }

        if (Storage == StorageKind.Sqlite && (Cohosted ? WebHosts : Silos) > 1)
        {
            throw new LocalClusterException(
                $"--storage sqlite allows one silo, because its file belongs to one process: a second silo would keep sessions that the first one cannot see. "
                + $"Use {(Cohosted ? "--webhosts 1" : "--silos 1")}, or --storage redis, postgres or azurite.");
        }

        foreach (var assembly in Cohosted ? [WebHostAssembly] : new[] { SiloAssembly, WebHostAssembly })
        {
            if (!File.Exists(assembly))
            {
                throw new LocalClusterException($"{assembly} is missing: build deploy/local first.");
            }
        }
    }

    private static string Built(string name) =>
        typeof(ProcessClusterOptions).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(data => data.Key == name).Value!;
}
