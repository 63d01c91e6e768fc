namespace ServerSession.Tests;

/// <summary>Two tabs share a cookie and know nothing of each other.</summary>
public sealed class TabTests(Chromium chromium, SharedWebHost host)
{
    private const string SavedInNew = "Your session had ended. The quote is saved in a new one.";

    [Fact]
    public async Task Edits_of_two_tabs_to_different_keys_both_win_and_to_the_same_key_the_later_one()
    {
        await using var person = await chromium.InviteAsync(host.Site);
        var left = await person.OpenQuoteAsync();
        var right = await person.OpenQuoteAsync();
        var edits = await Task.WhenAll(PutAsync(left.Tab, "left", "of the left"), PutAsync(right.Tab, "right", "of the right"));
        Assert.Equal([204, 204], edits);
        await left.SaveAsync("earlier");
        await right.SaveAsync("later");

        await left.ReloadAsync();
        await left.ShowsAsync("later");
        await Assertions.Expect((await left.GoToManageAsync()).Keys).ToHaveTextAsync("left, quote, right");
    }

    [Fact]
    public async Task Save_after_a_destroy_in_another_tab_says_that_it_started_a_new_session()
    {
        await using var person = await chromium.InviteAsync(host.Site);
        var quote = await person.OpenQuoteAsync();
        await quote.SaveAsync("written before");
        Assert.Equal(204, await PutAsync(quote.Tab, "left", "behind"));
        var id = await person.SessionIdAsync();
        await (await person.OpenManageAsync()).DestroyAsync();

        await quote.PressSaveAsync("written after");
        await quote.SaysAsync(SavedInNew);

        Assert.NotEqual(id, await person.SessionIdAsync());
        await Assertions.Expect((await quote.GoToManageAsync()).Keys).ToHaveTextAsync("quote");
    }

    [Fact]
    public async Task Save_before_a_destroy_in_another_tab_is_answered_starts_a_new_session_and_brings_nothing_back()
    {
        await using var person = await chromium.InviteAsync(host.Site);
        var quote = await person.OpenQuoteAsync();
        await quote.SaveAsync("written before");
        Assert.Equal(204, await PutAsync(quote.Tab, "left", "behind"));
        var id = await person.SessionIdAsync();
        var manage = await person.OpenManageAsync();
        await manage.StartToDestroyAsync();
        await person.SessionIsGoneAsync();

        var answer = await quote.Tab.RunAndWaitForResponseAsync(() => quote.PressSaveAsync("in a new one"), "**/session/quote/update");
        Assert.Equal(200, answer.Status);
        Assert.NotEqual(id, await person.SessionIdAsync());
        await Assertions.Expect((await person.OpenManageAsync()).Keys).ToHaveTextAsync("quote");

        // The answer to the sign-out takes whatever cookie the browser then has.
        await manage.SaysAsync(ManagePage.IsGone);
        Assert.Null(await person.CookieAsync());
        await quote.PressSaveAsync("in time for a new one");
        await quote.SaysAsync(SavedInNew);
        await Assertions.Expect((await person.OpenManageAsync()).Keys).ToHaveTextAsync("quote");
        await quote.ReloadAsync();
        await quote.ShowsAsync("in time for a new one");
    }

    [Fact]
    public async Task Rotate_in_one_tab_lets_the_other_go_on_with_the_new_cookie()
    {
        await using var person = await chromium.InviteAsync(host.Site);
        var quote = await person.OpenQuoteAsync();
        await quote.SaveAsync("before the rotation");
        var (id, cookie) = (await person.SessionIdAsync(), await person.CookieAsync());
        await (await person.OpenManageAsync()).RotateAsync();

        await quote.SaveAsync("after the rotation");

        Assert.Equal(id, await person.SessionIdAsync());
        Assert.NotEqual(cookie!.Value, (await person.CookieAsync())!.Value);
        Assert.Empty(person.Complaints);
    }

    /// <summary>The status of a change to a key, sent by the page in a tab.</summary>
    private static Task<int> PutAsync(IPage tab, string key, string text) =>
        tab.EvaluateAsync<int>("async ([key, body]) => (await fetch('/session/data/' + key, { method: 'PUT', body })).status", new[] { key, text });
}
