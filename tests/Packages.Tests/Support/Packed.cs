[assembly: AssemblyFixture(typeof(ServerSession.Tests.Packed))]

namespace ServerSession.Tests;

/// <summary>
/// The packages as <c>pack.sh</c> makes them from what is built already, in a folder that looks from outside as a clone does after
/// <c>pack.sh</c>: <c>ServerSession.Orleans/artifacts/packages</c>.
/// </summary>
public sealed class Packed : IAsyncLifetime
{
    private readonly TempFolder _temp = new();

    /// <summary>The folder that the clone stands in.</summary>
    public string Around => _temp["around"];

    public string Folder => Path.Combine(Around, "ServerSession.Orleans", "artifacts", "packages");

    public string Home => _temp["home"];

    public async ValueTask InitializeAsync()
    {
        Directory.CreateDirectory(Around);
        Directory.CreateDirectory(Home);
        await PackAsync(Folder);
    }

    /// <summary>Packs into a folder; the descriptions that NuGet makes on the way go to the temporary folder too.</summary>
    public Task PackAsync(string folder) => Shell.RunAsync(
        $"'{Path.Combine(Shell.Repository, "pack.sh")}' '{folder}' --no-build -p:NuspecOutputPath='{_temp[$"nuspec-{Guid.NewGuid():N}"]}/'", Around, Home);

    public ValueTask DisposeAsync()
    {
        _temp.Dispose();
        return ValueTask.CompletedTask;
    }
}
