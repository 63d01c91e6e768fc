using Orleans;
using Orleans.Storage;

namespace ServerSession.Storage;

/// <summary>
/// Options of one SQLite grain storage. Providers of one silo that name the same file share it, and must then agree on
/// every option except <see cref="InitStage"/> and <see cref="GrainStorageSerializer"/>.
/// </summary>
public sealed class SqliteGrainStorageOptions : IStorageProviderSerializerOptions
{
    /// <summary>Gets or sets the database file.</summary>
    /// <value>
    /// Required. A relative path is taken from the content root of the host, or from the current directory where there is no host.
    /// The file's folder is made if it is absent, with mode 0700; the file gets mode 0600.
    /// Configuration key: <c>Orleans:GrainStorage:&lt;name&gt;:Path</c> (or <c>DataSource</c>).
    /// </value>
    public string? Path { get; set; }

    /// <summary>Gets or sets how long the start waits for another process to let go of the file.</summary>
    /// <value>Zero (do not wait) to one hour; 10 seconds by default, so that a restarting process can take over from its predecessor.</value>
    public TimeSpan LockTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Gets or sets how many writes may share one transaction, and so one flush to the disk.</summary>
    /// <value>1 to 10,000; 512 by default. More writes than this that wait together take several transactions.</value>
    public int MaxBatchSize { get; set; } = 512;

    /// <summary>Gets or sets how many pages of 4 KiB the write-ahead log takes before they are moved into the database file.</summary>
    /// <value>1 to 1,000,000; 1,000 by default (about 4 MiB). Writes are acknowledged before the move, not after it.</value>
    public int CheckpointPages { get; set; } = 1000;

    /// <summary>Gets or sets how many idle connections for reading are kept open.</summary>
    /// <value>1 to 1,000; 8 by default. Reads beyond it open a separate connection for a moment; none has to wait.</value>
    public int MaxIdleReaders { get; set; } = 8;

    /// <summary>Gets or sets a value indicating whether the file's structure is checked at start.</summary>
    /// <value>True by default. The check reads the whole file once; turn it off for a file of many gigabytes on a slow disk.</value>
    public bool CheckAtStart { get; set; } = true;

    /// <summary>Gets or sets a value indicating whether the silo may keep its membership where other silos can join it.</summary>
    /// <value>
    /// False by default: the start is refused, because the file belongs to this silo, and the others would not find the rows in it.
    /// True where this silo is the only one, and its membership is shared for the sake of Orleans clients.
    /// </value>
    public bool AllowClustering { get; set; }

    /// <summary>Gets or sets the stage of the silo's life at which the file is opened, and at which it is closed on the way down.</summary>
    /// <value><see cref="ServiceLifecycleStage.RuntimeStorageServices"/> by default; must be below
    /// <see cref="ServiceLifecycleStage.GrainDeactivation"/>, because grains still write while they deactivate.</value>
    public int InitStage { get; set; } = ServiceLifecycleStage.RuntimeStorageServices;

    /// <summary>Gets or sets the serializer that turns a grain's state into the stored bytes.</summary>
    /// <value>
    /// By default the serializer registered under the provider's name, else the silo's default one. The bytes it returns must not
    /// change afterwards: they are read when the write is executed, which may be after its caller gave up.
    /// </value>
    public IGrainStorageSerializer GrainStorageSerializer { get; set; } = null!;

    /// <summary>Gets or sets the largest size of the database in pages, so that tests can fill a disk on machines that cannot mount one.</summary>
    internal int? MaxPageCount { get; set; }
}
