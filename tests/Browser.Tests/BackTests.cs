namespace ServerSession.Tests;

/// <summary>The Back button after the session ended: nothing that the browser kept may show what the session held.</summary>
public sealed class BackTests(Chromium chromium, SharedWebHost host)
{
    private const string Secret = "nobody must see this any more";

    [Fact]
    public async Task Back_after_destroy_shows_the_fresh_state()
    {
        await using var person = await chromium.InviteAsync(host.Site);
        var quote = await person.OpenQuoteAsync();
        await quote.SaveAsync(Secret);
        await quote.Tab.EvaluateAsync(Recorder.Start);
        await (await quote.GoToManageAsync()).DestroyAsync();

        await GoBackAsync(quote.Tab);

        await quote.ShowsAsync(QuotePage.Initial);
        Assert.DoesNotContain(Secret, await ShownAsync(quote.Tab));
        Assert.Empty(person.Complaints);
    }

    [Fact]
    public async Task Back_to_a_kept_page_after_the_session_ended_elsewhere_never_shows_what_it_held()
    {
        await using var person = await chromium.InviteAsync(host.Site);
        var quote = await person.OpenQuoteAsync();
        await quote.SaveAsync(Secret);
        await quote.Tab.EvaluateAsync(Recorder.Start);
        await quote.GoToManageAsync();
        var cookie = await person.CookieAsync();
        using var elsewhere = host.Site.Browse();
        using var answer = await elsewhere.PostAsync("/session/destroy", ("Cookie", $"{cookie!.Name}={cookie.Value}"));
        Assert.True(answer.IsSuccessStatusCode);

        await GoBackAsync(quote.Tab);

        await quote.ShowsAsync(QuotePage.Initial);
        var shown = await ShownAsync(quote.Tab);
        Assert.True(shown.Length > 0, "The browser did not keep the page, so this test showed nothing.");
        Assert.DoesNotContain(Secret, shown);
    }

    [Fact]
    public async Task Back_to_an_answer_of_the_session_after_destroy_does_not_show_it()
    {
        await using var person = await chromium.InviteAsync(host.Site);
        var quote = await person.OpenQuoteAsync();
        await quote.SaveAsync(Secret);
        await quote.Tab.GotoAsync("/session/quote");
        await Assertions.Expect(quote.Tab.Locator("body")).ToHaveTextAsync(Secret);
        await quote.Tab.GotoAsync("/manage");
        await new ManagePage(quote.Tab).DestroyAsync();

        await GoBackAsync(quote.Tab);

        await Assertions.Expect(quote.Tab.Locator("body")).ToHaveTextAsync(QuotePage.Initial);
    }

    [Fact]
    public async Task Answer_of_the_session_is_not_in_the_cache_of_a_page_that_asks_for_it()
    {
        await using var person = await chromium.InviteAsync(host.Site);
        var quote = await person.OpenQuoteAsync();
        const string Ask = "async () => (await fetch('/session/quote', { cache: 'force-cache' })).text()";
        Assert.Equal(QuotePage.Initial, await quote.Tab.EvaluateAsync<string>(Ask));
        await quote.SaveAsync("newer than any cache");
        Assert.Equal("newer than any cache", await quote.Tab.EvaluateAsync<string>(Ask));
    }

    /// <summary>Presses Back. A page that comes back from the browser's memory loads nothing and need not navigate, so the caller waits for what it shows.</summary>
    internal static Task GoBackAsync(IPage tab) => tab.EvaluateAsync("() => { setTimeout(() => history.back()); }");

    internal static Task<string[]> ShownAsync(IPage tab) => tab.EvaluateAsync<string[]>(Recorder.Shown);
}
