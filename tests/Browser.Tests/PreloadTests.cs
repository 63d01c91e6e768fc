namespace ServerSession.Tests;

/// <summary>
/// The preload trap: the browser prepares the page behind a link while the session still lives, or while it is being destroyed; who then
/// goes there must see the state after the destroy, never the one that was prepared.
/// </summary>
public sealed class PreloadTests(Chromium chromium, DevTools tools, SharedWebHost host) : IClassFixture<DevTools>
{
    private const string Secret = "prepared before the end";
    private const string StatusIsGone = $"document.getElementById('status').textContent === '{ManagePage.IsGone}'";
    private const string SessionIsGone = "fetch('/session').then(answer => answer.status === 404)";
    private const string FreshQuote = $"location.pathname === '/' && document.getElementById('quote')?.value === '{QuotePage.Initial}'";
    private const string OfferAnswer =
        """
        () => {
          const link = document.createElement("a");
          link.href = "/session/quote";
          link.textContent = "the bare answer";
          const rules = document.createElement("script");
          rules.type = "speculationrules";
          rules.textContent = JSON.stringify({ prefetch: [{ source: "list", urls: [link.href], eagerness: "immediate" }] });
          document.querySelector("main").append(link, rules);
        }
        """;

    /// <summary>The page asks for three seconds, in which a busy machine prepares no page.</summary>
    private static readonly string SlowerDestroy =
        $"(() => {{ const send = fetch; window.fetch = (address, options) => send(String(address).replace(/delayMs=.*/, 'delayMs={ManagePage.SlowDestroyMilliseconds}'), options); }})()";

    private const string WasPrepared = "performance.getEntriesByType('navigation')[0].activationStart > 0";

    [Fact]
    public async Task Page_prepared_before_the_destroy_visited_while_it_runs_shows_the_fresh_state()
    {
        var tab = await OpenManageAsync();
        await PrepareAsync(tab);
        await StartToDestroyAsync(tab);
        await VisitAsync(tab, prepared: true);
    }

    [Fact]
    public async Task Page_prepared_during_the_destroy_visited_while_it_runs_shows_the_fresh_state()
    {
        var tab = await OpenManageAsync();
        await StartToDestroyAsync(tab);
        await PrepareAsync(tab);
        await VisitAsync(tab, prepared: true);
    }

    [Fact]
    public async Task Page_prepared_during_the_destroy_is_dropped_with_its_answer()
    {
        var tab = await OpenManageAsync();
        await StartToDestroyAsync(tab);
        await PrepareAsync(tab);
        await tab.UntilAsync(StatusIsGone);
        await tab.Dropped;
        await VisitAsync(tab, prepared: false);
    }

    [Fact]
    public async Task Answer_of_the_session_prefetched_before_the_destroy_is_dropped_with_it()
    {
        // The site's own policy lets no page ask for this; other applications' pages may.
        await using var person = await chromium.InviteAsync(host.Site, static profile => profile.BypassCSP = true);
        var quote = await person.OpenQuoteAsync();
        await quote.SaveAsync(Secret);
        var manage = await quote.GoToManageAsync();
        var prefetched = await manage.Tab.RunAndWaitForResponseAsync(() => manage.Tab.EvaluateAsync(OfferAnswer), "**/session/quote");
        Assert.Equal(200, prefetched.Status);
        Assert.Contains("prefetch", (await prefetched.Request.AllHeadersAsync())["sec-purpose"], StringComparison.Ordinal);
        await manage.DestroyAsync();

        await manage.Tab.GetByText("the bare answer").ClickAsync();

        await Assertions.Expect(manage.Tab.Locator("body")).ToHaveTextAsync(QuotePage.Initial);
    }

    /// <summary>A tab at the page that destroys, in a session with a quote.</summary>
    private async Task<PreparingTab> OpenManageAsync()
    {
        var tab = await PreparingTab.OpenAsync(tools);
        await tab.GoAsync(host.Site.Address);
        await tab.UntilAsync(FreshQuote);
        Assert.Equal(Secret, (await tab.EvaluateAsync($"fetch('/session/quote/update', {{ method: 'PUT', body: '{Secret}' }}).then(answer => answer.text())")).GetString());
        await tab.GoAsync(new Uri(host.Site.Address, "/manage"));
        await tab.UntilAsync("document.getElementById('keys')?.textContent === 'quote'");
        await tab.Offered;
        return tab;
    }

    private static async Task PrepareAsync(PreparingTab tab)
    {
        await tab.PointAtAsync("#back");
        await tab.Prepared;
        await tab.EvaluateEverywhereAsync($"document.getElementById('quote') && {Recorder.Start}");
    }

    private static async Task StartToDestroyAsync(PreparingTab tab)
    {
        await tab.EvaluateAsync(SlowerDestroy);
        await tab.PointAtAsync("#destroy-slowly", press: true);
        await tab.UntilAsync(SessionIsGone);
    }

    private static async Task VisitAsync(PreparingTab tab, bool prepared)
    {
        await tab.PointAtAsync("#back", press: true);
        await tab.UntilAsync(FreshQuote);
        Assert.Equal(prepared, (await tab.EvaluateAsync(WasPrepared)).GetBoolean());
        var shown = (await tab.EvaluateAsync(Recorder.Shown)).EnumerateArray().Select(static quote => quote.GetString()).ToArray();
        Assert.DoesNotContain(Secret, shown);
    }
}
