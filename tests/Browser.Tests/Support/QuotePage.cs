namespace ServerSession.Tests;

/// <summary>The page with the quote, in a tab.</summary>
public sealed class QuotePage(IPage tab)
{
    public const string Initial = "initial quote";

    public IPage Tab => tab;

    public ILocator Quote => tab.Locator("#quote");

    public ILocator Save => tab.Locator("#save");

    public ILocator Status => tab.Locator("#status");

    public ILocator Time => tab.Locator("#time");

    /// <summary>Waits until the quote is loaded.</summary>
    public Task IsReadyAsync() => Assertions.Expect(Quote).ToBeEnabledAsync();

    public Task ShowsAsync(string quote) => Assertions.Expect(Quote).ToHaveValueAsync(quote);

    public Task SaysAsync(string text) => Assertions.Expect(Status).ToHaveTextAsync(text);

    public async Task PressSaveAsync(string quote)
    {
        await Quote.FillAsync(quote);
        await tab.Locator("#save").ClickAsync();
    }

    public async Task SaveAsync(string quote)
    {
        await PressSaveAsync(quote);
        await SaysAsync("Saved.");
    }

    public async Task ReloadAsync()
    {
        await tab.ReloadAsync();
        await IsReadyAsync();
    }

    public async Task<ManagePage> GoToManageAsync()
    {
        await tab.GetByRole(AriaRole.Link, new PageGetByRoleOptions { Name = "Manage the session" }).ClickAsync();
        var page = new ManagePage(tab);
        await Assertions.Expect(page.Id).Not.ToHaveTextAsync("–");
        return page;
    }
}
