namespace ServerSession.Hosting;

/// <summary>Where a silo without a configured storage keeps its sessions.</summary>
public sealed class SessionSiloOptions
{
    public const string DataDirectoryKey = "ServerSession:DataDirectory";

    /// <summary>The folder of the SQLite file: <c>data</c> under the content root by default; a relative path is taken from there.</summary>
    public string DataDirectory { get; set; } = "";

    /// <summary>Whether the folder is used at all: not where <c>Orleans:GrainStorage:sessions</c> names another storage.</summary>
    public bool KeepsFile { get; set; }
}
