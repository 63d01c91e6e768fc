namespace ServerSession.Tests;

/// <summary>One WebHost for all tests that only talk HTTP to it.</summary>
public sealed class SharedWebHost : IAsyncLifetime
{
    private readonly TempFolder _folder = new();
    private HostProcess? _process;

    public WebHostSite Site { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        Site = new WebHostSite(_folder.Path);
        _process = await Site.StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
        {
            await _process.DisposeAsync();
        }

        _folder.Dispose();
    }
}
