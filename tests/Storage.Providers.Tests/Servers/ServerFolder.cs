namespace ServerSession.Tests.Servers;

/// <summary>A folder for one server, deleted after it.</summary>
internal sealed class ServerFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("server-session-").FullName;

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
