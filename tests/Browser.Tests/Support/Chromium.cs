[assembly: Xunit.AssemblyFixture(typeof(ServerSession.Tests.Chromium))]
[assembly: Xunit.AssemblyFixture(typeof(ServerSession.Tests.SharedWebHost))]

namespace ServerSession.Tests;

/// <summary>One real Chromium for all tests: the one that the operating system installs, not one that a test tool brings along.</summary>
public sealed class Chromium : IAsyncLifetime
{
    /// <summary>How every Chromium here starts: without a screen, as root too, and asking nothing of the network but the site.</summary>
    internal static readonly string[] Arguments =
    [
        "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-dev-shm-usage", "--no-first-run",
        "--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-field-trial-config",
    ];

    private IPlaywright? _playwright;
    private IBrowser? _browser;

    /// <summary>Gets the path of Debian's Chromium; where it is missing the tests fail, and say what to install.</summary>
    internal static string Path =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(System.IO.Path.PathSeparator)
            .Select(static folder => System.IO.Path.Combine(folder, "chromium"))
            .FirstOrDefault(File.Exists)
        ?? throw new FileNotFoundException("The browser tests need Chromium, and PATH has none. Install the package chromium: apt-get install chromium");

    public async ValueTask InitializeAsync()
    {
        var path = Path;
        _playwright = await Playwright.CreateAsync();
        _browser = await _playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions
        {
            ExecutablePath = path,
            Args = Arguments,

            // People's browsers keep the pages they leave, so this one must, too.
            IgnoreDefaultArgs = ["--disable-back-forward-cache"],
        });
        Assertions.SetDefaultExpectTimeout(Person.Patience);
    }

    /// <summary>A person with a browser profile of their own: nobody else's cookies, nobody else's cache.</summary>
    public async Task<Person> InviteAsync(WebHostSite site, Action<BrowserNewContextOptions>? adjust = null)
    {
        var options = new BrowserNewContextOptions { BaseURL = site.Address.ToString() };
        adjust?.Invoke(options);
        return new Person(site, await _browser!.NewContextAsync(options));
    }

    /// <summary>A browser profile for a site that is not WebHost's.</summary>
    public Task<IBrowserContext> NewProfileAsync(Uri site) => _browser!.NewContextAsync(new BrowserNewContextOptions { BaseURL = site.ToString() });

    public async ValueTask DisposeAsync()
    {
        if (_browser is not null)
        {
            await _browser.DisposeAsync();
        }

        _playwright?.Dispose();
    }
}
