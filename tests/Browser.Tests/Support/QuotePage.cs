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

    /// <summary>Notes every status from now on, also those that stand for a moment only.</summary>
    public Task RecordWhatItSaysAsync() => tab.EvaluateAsync(
        """
        () => {
          const status = document.getElementById("status");
          window.said = [];
          new MutationObserver(() => said.push(status.textContent)).observe(status, { childList: true, characterData: true, subtree: true });
        }
        """);

    /// <summary>Waits until the page has said something since <see cref="RecordWhatItSaysAsync"/>, whatever it says by now.</summary>
    public async Task HasSaidAsync(string text)
    {
        using var patience = new CancellationTokenSource(Person.Patience);
        while (!await tab.EvaluateAsync<bool>("text => said.includes(text)", text))
        {
            Assert.False(patience.IsCancellationRequested, $"The page never said \"{text}\".");
            await Task.Delay(50, TestContext.Current.CancellationToken);
        }
    }

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
