using Microsoft.Extensions.DependencyInjection;
using Orleans.Storage;

namespace ServerSession.Grains;

/// <summary>
/// Finds out before the silo starts whether there is a storage for the sessions at all. A failure later on, while the silo starts, would be about a hundred
/// lines of Orleans' log.
/// </summary>
internal static class SessionStorageCheck
{
    private const string Name = SessionGrainOptions.StorageName;

    private const string MemoryStorage = "Orleans.Storage.MemoryGrainStorage";

    public const string None =
        $"There is no grain storage named '{Name}' for the sessions. Add one, for example with silo.AddSqliteGrainStorage(\"{Name}\", storage => storage.Path = \"data/sessions.db\"), " +
        $"or set Orleans:GrainStorage:{Name}:ProviderType.";

    public const string Memory =
        $"The grain storage '{Name}' is Orleans' memory storage, which loses acknowledged sessions with the silo that holds them. Replace it, for example by " +
        $"silo.AddSqliteGrainStorage(\"{Name}\", storage => storage.Path = \"data/sessions.db\"); sessions that no storage needs to hold are " +
        "volatile ones (ServerSession:Durability=Volatile), and tests need no silo with builder.Services.AddServerSession().UseInMemoryStore().";

    /// <summary>What is wrong with the storage; null where nothing is known to be.</summary>
    public static string? Fault(IServiceProvider services)
    {
        IGrainStorage? storage;
        try
        {
            storage = services.GetKeyedService<IGrainStorage>(Name);
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            // The provider cannot be made with its options, which its validator reports in better words.
            return null;
        }

        return storage is null ? None
            : storage.GetType().FullName == MemoryStorage ? Memory
            : null;
    }
}
