namespace ServerSession.Tests.Storage;

/// <summary>A folder of its own for one test, gone after it.</summary>
internal sealed class TestFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("storage-sqlite-").FullName;

    public string File(string name = "sessions.db") => System.IO.Path.Combine(Path, name);

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
