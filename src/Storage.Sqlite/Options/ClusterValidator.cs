using Orleans;
using Orleans.Runtime;

namespace ServerSession.Storage;

/// <summary>Refuses a file of one silo where other silos may join: they would not find the rows in it, and lose them when this silo leaves.</summary>
/// <param name="membership">Where the silo keeps its membership; null for a silo without one.</param>
/// <param name="options">The options of the storage.</param>
/// <param name="name">The storage's name.</param>
internal sealed class ClusterValidator(IMembershipTable? membership, SqliteGrainStorageOptions options, string name) : IConfigurationValidator
{
    // Development clustering keeps the table in the memory of one silo, and test clusters keep it in one process.
    private static readonly string[] OfOneProcess = ["Orleans.Runtime", "Orleans.TestingHost"];

    public void ValidateConfiguration()
    {
        if (membership is not null && !options.AllowClustering && !OfOneProcess.Contains(membership.GetType().Assembly.GetName().Name))
        {
            throw new OrleansConfigurationException(
                $"The grain storage '{name}' is a SQLite file, which belongs to one silo, but the silo keeps its membership with {membership.GetType().Name}, where other silos can join: "
                + "they would not find what is in the file. Use a storage that all silos reach (Redis, AdoNet, Azure Table or Azure Blob), or UseLocalhostClustering() for one silo. "
                + $"Where this silo stays the only one, set {SqliteGrainStorageConfiguration.Key(name, nameof(SqliteGrainStorageOptions.AllowClustering))} to true.");
        }
    }
}
