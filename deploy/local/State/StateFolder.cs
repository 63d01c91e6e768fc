using System.Text.Json;
using System.Text.Json.Serialization;

namespace ServerSession.LocalCluster;

/// <summary>The folder of a cluster: one file that says what runs, the members' folders, their logs, the servers' data.</summary>
public sealed class StateFolder(string path, TimeProvider time)
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
    };

    private static readonly TimeSpan LockPatience = TimeSpan.FromSeconds(60);

    public string Path { get; } = System.IO.Path.GetFullPath(path);

    public string Logs => System.IO.Path.Combine(Path, "logs");

    private string File => System.IO.Path.Combine(Path, "cluster.json");

    public string LogOf(string name) => System.IO.Path.Combine(Logs, $"{name}.log");

    public string FolderOf(string name) => System.IO.Path.Combine(Path, name);

    /// <summary>
    /// Makes the folder. Only its owner may list it and read what is in it, users' data and connection strings; others may pass through, because a
    /// server that refuses to run as root runs as a separate user and has to reach its data.
    /// </summary>
    public void Create()
    {
        if (!OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(
                Path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute);
        }

        MakePrivate(Logs);
    }

    public string CreateFolder(string name)
    {
        var folder = FolderOf(name);
        MakePrivate(folder);
        return folder;
    }

    /// <summary>Keeps other commands on this folder waiting until the result is disposed.</summary>
    public async Task<IDisposable> LockAsync(CancellationToken cancellationToken)
    {
        var began = time.GetTimestamp();
        var file = System.IO.Path.Combine(Path, "lock");
        while (true)
        {
            try
            {
                return new FileStream(file, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (DirectoryNotFoundException)
            {
                throw NoCluster();
            }
            catch (IOException) when (time.GetElapsedTime(began) < LockPatience)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(20), time, cancellationToken).ConfigureAwait(false);
            }
            catch (IOException exception)
            {
                throw new LocalClusterException($"Another command has been working on {Path} for {LockPatience.TotalSeconds} seconds; try again when it has ended.", exception);
            }
        }
    }

    public ClusterState? TryRead()
    {
        try
        {
            return JsonSerializer.Deserialize<ClusterState>(System.IO.File.ReadAllText(File), Json);
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
        catch (JsonException exception)
        {
            throw new LocalClusterException($"{File} cannot be read ({exception.Message}). Remove the folder, after its processes have ended.", exception);
        }
    }

    public ClusterState Read() => TryRead() ?? throw NoCluster();

    /// <summary>Writes beside the file and moves it there, so that nobody reads a half one.</summary>
    public void Write(ClusterState state)
    {
        var fresh = $"{File}.new";
        System.IO.File.Delete(fresh);
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        using (var stream = new FileStream(fresh, options))
        {
            JsonSerializer.Serialize(stream, state, Json);
        }

        System.IO.File.Move(fresh, File, overwrite: true);
    }

    public void Forget() => System.IO.File.Delete(File);

    public string[] LastLines(string name, int count)
    {
        try
        {
            using var stream = new FileStream(LogOf(name), FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            using var reader = new StreamReader(stream);
            return [.. reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries).TakeLast(count)];
        }
        catch (IOException)
        {
            return [];
        }
    }

    public static IAsyncEnumerable<string> ReadLinesAsync(string log, CancellationToken cancellationToken) =>
        System.IO.File.Exists(log) ? System.IO.File.ReadLinesAsync(log, cancellationToken) : throw new LocalClusterException($"{log} is missing.");

    private static void MakePrivate(string folder)
    {
        if (!OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }

    private LocalClusterException NoCluster() => new($"No cluster was started in {Path}. Start one with `up`, or name its folder with --dir.");
}
