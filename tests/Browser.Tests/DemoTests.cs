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
    public async Task Rotate_without_a_session_says_that_there_is_none()
    {
        await using var person = await chromium.InviteAsync(host.Site);
        var manage = await person.OpenManageAsync();
        await Assertions.Expect(manage.Id).ToHaveTextAsync(ManagePage.NoSession);
        await manage.Tab.Locator("#rotate").ClickAsync();
        await manage.SaysAsync("There is no session: none was started with this browser, or it has ended. Saving something starts one.");
    }

    [Fact]
    public async Task Parallel_requests_of_one_page_all_win()
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
