namespace ServerSession.LocalCluster;

/// <summary>Where the sessions, and with several silos their membership, are kept.</summary>
public enum StorageKind
{
    /// <summary>A Redis server.</summary>
    Redis,

    /// <summary>A PostgreSQL server.</summary>
    Postgres,

    /// <summary>Azurite, the emulator of Azure Storage: Table storage.</summary>
    Azurite,

    /// <summary>The file of the only silo; no server.</summary>
    Sqlite,
}
