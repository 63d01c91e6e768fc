using Microsoft.Extensions.Options;
using ServerSession.Grains;

namespace ServerSession.Hosting;

/// <summary>Where the configuration says that the silo's membership and its sessions are kept.</summary>
public sealed class SessionStorageChoice
{
    /// <summary>Whether <c>Orleans:Clustering</c> is there at all.</summary>
    public bool IsClustered { get; set; }

    public string? ClusteringProvider { get; set; }

    public string? StorageProvider { get; set; }

    /// <summary>The invariant name where the storage is <c>AdoNet</c>.</summary>
    public string? StorageInvariant { get; set; }

    /// <summary>The invariant name where the clustering is <c>AdoNet</c>.</summary>
    public string? ClusteringInvariant { get; set; }
}

/// <summary>
/// A silo that may have others beside it needs a storage that all of them reach. With a separate file, each silo would keep the sessions that it
/// happens to own, and they would be lost to the others when it leaves.
/// </summary>
public sealed class SessionStorageChoiceValidator : IValidateOptions<SessionStorageChoice>
{
    private const string Shared = "Redis, AdoNet, AzureTableStorage or AzureBlobStorage";

    public ValidateOptionsResult Validate(string? name, SessionStorageChoice options)
    {
        List<string> errors = [];
        var isAlone = !options.IsClustered || Is(options.ClusteringProvider, "Development");
        if (!isAlone && string.IsNullOrWhiteSpace(options.StorageProvider))
        {
            errors.Add(
                $"{OrleansKeys.SessionStorageProvider} is not set, while {OrleansKeys.ClusteringProvider} makes this silo a member of a cluster: it would keep its sessions " +
                $"in a separate file, where the other silos do not find them. Set it to {Shared}.");
        }
        else if (!isAlone && Is(options.StorageProvider, "Sqlite"))
        {
            errors.Add(
                $"{OrleansKeys.SessionStorageProvider} is Sqlite, while {OrleansKeys.ClusteringProvider} is '{options.ClusteringProvider}': a SQLite file belongs to one silo, and the " +
                $"others do not find the sessions in it. Set it to {Shared}, or remove {OrleansKeys.Clustering} to run one silo alone.");
        }

        CheckInvariant(errors, options.StorageProvider, options.StorageInvariant, OrleansKeys.SessionStorage);
        CheckInvariant(errors, options.ClusteringProvider, options.ClusteringInvariant, OrleansKeys.Clustering);
        return errors.Count > 0 ? ValidateOptionsResult.Fail(errors) : ValidateOptionsResult.Success;
    }

    // Without it Orleans looks for SQL Server's client, which these hosts do not have.
    private static void CheckInvariant(List<string> errors, string? provider, string? invariant, string section)
    {
        if (Is(provider, "AdoNet") && !Is(invariant, "Npgsql"))
        {
            errors.Add($"{section}:Invariant is '{invariant}': set it to Npgsql. Of the databases behind AdoNet this host has the client of PostgreSQL.");
        }
    }

    private static bool Is(string? value, string expected) => string.Equals(value, expected, StringComparison.OrdinalIgnoreCase);
}
