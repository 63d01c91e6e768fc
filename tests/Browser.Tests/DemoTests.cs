using System.Globalization;

namespace ServerSession.Tests;

/// <summary>What the demo is for, with the eyes of somebody who opens it.</summary>
public sealed class DemoTests(Chromium chromium, SharedWebHost host)
{
    [Fact]
    public async Task Demo_used_from_start_to_end_keeps_its_promises_without_a_complaint_in_the_console()
    {
        await using var person = await chromium.InviteAsync(host.Site);
        var quote = await person.OpenQuoteAsync();
        await quote.ShowsAsync(QuotePage.Initial);
        await quote.SaveAsync("„Sein oder Nichtsein“ – 🎭\n2nd line");
        await quote.ReloadAsync();
        await quote.ShowsAsync("„Sein oder Nichtsein“ – 🎭\n2nd line");
        var left = TimeSpan.ParseExact(await quote.Time.InnerTextAsync(), @"mm\:ss", CultureInfo.InvariantCulture);
        Assert.InRange(left, TimeSpan.FromMinutes(19), TimeSpan.FromMinutes(20));

        var manage = await quote.GoToManageAsync();
        var id = await manage.Id.InnerTextAsync();
        Assert.Equal(id, await person.SessionIdAsync());
        await Assertions.Expect(manage.Keys).ToHaveTextAsync("quote");
        var before = await person.CookieAsync();
        await manage.RotateAsync();
        Assert.NotEqual(before!.Value, (await person.CookieAsync())!.Value);
        await Assertions.Expect(manage.Id).ToHaveTextAsync(id);

        await manage.DestroyAsync();
        await Assertions.Expect(manage.Id).ToHaveTextAsync(ManagePage.NoSession);
        Assert.Null(await person.CookieAsync());
        await (await manage.GoToQuoteAsync()).ShowsAsync(QuotePage.Initial);
        Assert.NotEqual(id, await person.SessionIdAsync());
        Assert.Empty(person.Complaints);
    }

    [Fact]
    public async Task Manage_without_a_session_offers_nothing_that_needs_one()
    {
        await using var person = await chromium.InviteAsync(host.Site);
        var manage = await person.OpenManageAsync();
        await Assertions.Expect(manage.Id).ToHaveTextAsync(ManagePage.NoSession);

        await Assertions.Expect(manage.Tab.Locator("button:visible")).ToHaveCountAsync(0);
        await Assertions.Expect(manage.Tab.Locator("dt:visible")).ToHaveCountAsync(1);
        await Assertions.Expect(manage.WayBack).ToBeVisibleAsync();
        Assert.Empty(person.Complaints);
    }

    [Fact]
    public async Task Manage_with_a_session_shows_its_time_with_the_zone_and_one_dangerous_button_and_copies_its_id()
    {
        await using var person = await chromium.InviteAsync(host.Site, static profile => (profile.TimezoneId, profile.Locale) = ("Asia/Tokyo", "en-GB"));
        await person.Profile.GrantPermissionsAsync(["clipboard-read", "clipboard-write"]);
        var manage = await (await person.OpenQuoteAsync()).GoToManageAsync();

        await Assertions.Expect(manage.Tab.Locator("#created")).ToContainTextAsync("GMT+9");
        await Assertions.Expect(manage.Tab.Locator("button.danger")).ToHaveTextAsync("Destroy");
        await manage.Tab.Locator("#copy").ClickAsync();
        await manage.SaysAsync("The id is copied.");
        Assert.Equal(await person.SessionIdAsync(), await manage.Tab.EvaluateAsync<string>("navigator.clipboard.readText()"));
        Assert.Empty(person.Complaints);
    }

    [Fact]
    public async Task Save_is_offered_only_while_there_is_something_to_save()
    {
        await using var person = await chromium.InviteAsync(host.Site);
        var quote = await person.OpenQuoteAsync();
        await Assertions.Expect(quote.Save).ToBeDisabledAsync();

        await quote.Quote.FillAsync("changed");
        await Assertions.Expect(quote.Save).ToBeEnabledAsync();
        await quote.Quote.FillAsync(QuotePage.Initial);
        await Assertions.Expect(quote.Save).ToBeDisabledAsync();

        await quote.SaveAsync("changed again");
        await Assertions.Expect(quote.Save).ToBeDisabledAsync();
        await quote.Quote.FillAsync("and once more");
        await quote.SaysAsync("");
        await Assertions.Expect(quote.Save).ToBeEnabledAsync();
    }

    [Theory]
    [InlineData(390, ColorScheme.Light)]
    [InlineData(390, ColorScheme.Dark)]
    [InlineData(1280, ColorScheme.Light)]
    [InlineData(1280, ColorScheme.Dark)]
    public async Task Pages_have_their_links_in_the_same_place_and_nothing_sticks_out(int width, ColorScheme scheme)
    {
        await using var person = await chromium.InviteAsync(host.Site, profile =>
        {
            profile.ViewportSize = new ViewportSize { Width = width, Height = 800 };
            profile.ColorScheme = scheme;
        });
        var quote = await person.OpenQuoteAsync();
        var there = await LinksAsync(quote.Tab);
        var manage = await quote.GoToManageAsync();
        var here = await LinksAsync(manage.Tab);

        Assert.Equal(["The quote", "Manage the session"], there.Select(static link => link.Text));
        Assert.Equal(there, here);
        const string Overflow = "document.documentElement.scrollWidth - document.documentElement.clientWidth";
        Assert.Equal(0, await quote.Tab.EvaluateAsync<int>(Overflow));
        Assert.Equal(0, await manage.Tab.EvaluateAsync<float>("document.getElementById('status').getBoundingClientRect().height"));
    }

    private static async Task<(string Text, (float X, float Y) Place)[]> LinksAsync(IPage tab)
    {
        List<(string, (float, float))> links = [];
        foreach (var link in await tab.Locator("nav a").AllAsync())
        {
            var box = await link.BoundingBoxAsync();
            links.Add((await link.InnerTextAsync(), (box!.X, box.Y)));
        }

        return [.. links];
    }

    [Fact]
    public async Task Requests_of_one_page_in_parallel_all_win()
    {
        await using var person = await chromium.InviteAsync(host.Site);
        var quote = await person.OpenQuoteAsync();
        var count = await quote.Tab.EvaluateAsync<int>(
            """
            async () => {
              const numbers = [...Array(30).keys()];
              const answers = await Promise.all(numbers.flatMap((n) => [
                fetch(`/session/data/key-${n}`, { method: "PUT", body: `value ${n}` }),
                fetch("/session/increment/count", { method: "POST" }),
              ]));
              const texts = await Promise.all(numbers.map(async (n) => (await fetch(`/session/data/key-${n}`)).text()));
              return answers.filter((answer) => answer.ok).length + texts.filter((text, n) => text === `value ${n}`).length;
            }
            """);
        Assert.Equal(90, count);
        Assert.Equal("30", await quote.Tab.EvaluateAsync<string>("async () => (await fetch('/session/data/count')).text()"));
    }
}
