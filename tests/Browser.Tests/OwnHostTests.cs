namespace ServerSession.Tests;

/// <summary>What needs a separate WebHost: one that is killed, one of another configuration.</summary>
public sealed class OwnHostTests(Chromium chromium)
{
    [Fact]
    public async Task Page_of_a_killed_process_says_so_and_after_the_restart_shows_what_was_saved()
    {
        using var folder = new TempFolder();
        var site = new WebHostSite(folder.Path);
        await using var first = await site.StartAsync();
        await using var person = await chromium.InviteAsync(site);
        var quote = await person.OpenQuoteAsync();
        await quote.SaveAsync("outlives the process");
        var id = await person.SessionIdAsync();
        await quote.Tab.EvaluateAsync(Recorder.Start);
        await quote.GoToManageAsync();

        await first.KillAsync();
        await BackTests.GoBackAsync(quote.Tab);
        await quote.SaysAsync("The server does not answer. Try again in a moment.");
        Assert.Equal([""], await BackTests.ShownAsync(quote.Tab));
        await Assertions.Expect(quote.Quote).ToBeDisabledAsync();

        await using var second = await site.StartAsync();
        await quote.ReloadAsync();
        await quote.ShowsAsync("outlives the process");
        Assert.Equal(id, await person.SessionIdAsync());
        await quote.SaveAsync("and can be edited again");
    }

    [Fact]
    public async Task Page_whose_session_expired_says_so_and_save_starts_a_new_one()
    {
        using var folder = new TempFolder();
        var site = new WebHostSite(folder.Path);
        await using var host = await site.StartAsync("--ServerSession:IdleTimeout=00:00:02");
        await using var person = await chromium.InviteAsync(site);
        var quote = await person.OpenQuoteAsync();
        var cookie = await person.CookieAsync();
        await quote.SaysAsync("Your session has ended, and what it held is gone. Save starts a new one with the quote as it stands here.");

        await quote.RecordWhatItSaysAsync();
        await quote.PressSaveAsync("in a new session");

        // The new session ends as soon as the first one, and the page says so.
        await quote.HasSaidAsync("Your session had ended. The quote is saved in a new one.");
        Assert.NotEqual(cookie!.Value, (await person.CookieAsync())!.Value);
    }

    [Fact]
    public async Task Cookie_outside_development_is_secure_and_bound_to_the_host_and_works()
    {
        using var folder = new TempFolder();
        var site = new WebHostSite(folder.Path);
        await using var host = await site.StartAsync("--environment", "Production");
        await using var person = await chromium.InviteAsync(site);

        // A browser takes this machine's own address for as safe as HTTPS, so that a Secure cookie can be tried without a certificate.
        var quote = await person.OpenQuoteAsync();
        await quote.SaveAsync("kept by a secure cookie");
        await quote.ReloadAsync();
        await quote.ShowsAsync("kept by a secure cookie");

        var cookie = await person.CookieAsync();
        Assert.Equal(("__Host-session", true, true), (cookie!.Name, cookie.Secure, cookie.HttpOnly));
        Assert.Empty(person.Complaints);
    }
}
