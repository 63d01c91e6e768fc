namespace ServerSession.Tests;

/// <summary>The page that rotates and destroys the session, in a tab.</summary>
public sealed class ManagePage(IPage tab)
{
    public const string NoSession = "There is no session.";
    public const string IsGone = "The session is gone.";

    public IPage Tab => tab;

    public ILocator Id => tab.Locator("#id");

    public ILocator Keys => tab.Locator("#keys");

    public ILocator WayBack => tab.Locator("#back");

    /// <summary>How long a slow destroy waits for its answer here: a busy machine does much less in the time that a person would be shown.</summary>
    internal const int SlowDestroyMilliseconds = 12_000;

    public Task SaysAsync(string text) => Assertions.Expect(tab.Locator("#status")).ToHaveTextAsync(text);

    public async Task RotateAsync()
    {
        await tab.Locator("#rotate").ClickAsync();
        await SaysAsync("The session has a new cookie.");
    }

    public async Task DestroyAsync()
    {
        await tab.Locator("#destroy").ClickAsync();
        await SaysAsync(IsGone);
    }

    /// <summary>Starts to destroy; the answer is still to come.</summary>
    public async Task StartToDestroyAsync()
    {
        await tab.RouteAsync("**/session/destroy?delayMs=*", static route =>
            route.ContinueAsync(new() { Url = $"{route.Request.Url.Split('=')[0]}={SlowDestroyMilliseconds}" }));
        await tab.Locator("#destroy-slowly").ClickAsync();
    }

    public async Task<QuotePage> GoToQuoteAsync()
    {
        await WayBack.ClickAsync();
        var page = new QuotePage(tab);
        await page.IsReadyAsync();
        return page;
    }
}
