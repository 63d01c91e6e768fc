namespace ServerSession.Tests;

/// <summary>Two browsers with one session: what one does to it, the page in the other says by itself.</summary>
public sealed class EndedElsewhereTests(Chromium chromium, SharedWebHost host)
{
    private const string QuoteEnded = "Your session has ended, and what it held is gone. Save starts a new one with the quote as it stands here.";

    [Fact]
    public async Task Destroy_in_another_browser_is_said_by_both_pages_without_a_reload_or_a_question()
    {
        await using var one = await chromium.InviteAsync(host.Site);
        var quote = await one.OpenQuoteAsync();
        var manage = await one.OpenManageAsync();
        await Assertions.Expect(manage.Keys).ToHaveTextAsync("quote");
        await using var other = await WithTheSessionOfAsync(one);
        var otherManage = await other.OpenManageAsync();
        await Assertions.Expect(otherManage.Keys).ToHaveTextAsync("quote");
        var asked = 0;
        quote.Tab.Request += (_, request) => asked += request.Url.EndsWith("/session", StringComparison.Ordinal) ? 1 : 0;

        await otherManage.DestroyAsync();

        await quote.SaysAsync(QuoteEnded);
        await manage.SaysAsync("The session has ended.");
        await Assertions.Expect(manage.Id).ToHaveTextAsync(ManagePage.NoSession);
        Assert.Equal(0, asked);

        // The page goes on from there, and listens to the new session.
        await quote.PressSaveAsync("in a new one");
        await quote.SaysAsync("Your session had ended. The quote is saved in a new one.");
        await using var third = await WithTheSessionOfAsync(one);
        await (await third.OpenManageAsync()).DestroyAsync();
        await quote.SaysAsync(QuoteEnded);
        Assert.Empty(one.Complaints);
        Assert.Empty(other.Complaints);
    }

    [Fact]
    public async Task Page_that_was_cut_off_connects_again_and_hears_of_the_end_that_came_meanwhile()
    {
        await using var one = await chromium.InviteAsync(host.Site);
        var connections = 0;
        var ended = new TaskCompletionSource();
        await one.Profile.RouteAsync("**/session/events", async route =>
        {
            if (Interlocked.Increment(ref connections) == 1)
            {
                // A stream that breaks off after its first event.
                await route.FulfillAsync(new() { ContentType = "text/event-stream", Body = "retry: 50\nevent: live\ndata: 1000\n\n" });
                return;
            }

            await ended.Task;
            await route.ContinueAsync();
        });
        var quote = await one.OpenQuoteAsync();
        await using var other = await WithTheSessionOfAsync(one);
        await (await other.OpenManageAsync()).DestroyAsync();
        await other.SessionIsGoneAsync();

        ended.SetResult();

        await quote.SaysAsync(QuoteEnded);
        Assert.True(connections > 1, "The page has not connected again.");
    }

    /// <summary>Somebody else's browser with the same cookie.</summary>
    private async Task<Person> WithTheSessionOfAsync(Person person)
    {
        var cookie = (await person.CookieAsync())!;
        var other = await chromium.InviteAsync(host.Site);
        await other.Profile.AddCookiesAsync([new Cookie { Name = cookie.Name, Value = cookie.Value, Domain = cookie.Domain, Path = cookie.Path, HttpOnly = cookie.HttpOnly, SameSite = cookie.SameSite }]);
        return other;
    }
}
