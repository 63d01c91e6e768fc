using System.Globalization;

namespace ServerSession.Tests;

/// <summary>Two browsers of one user on the sample ActiveSessions: what one ends, the page in the other says by itself.</summary>
public sealed class SignedOutElsewhereTests(Chromium chromium)
{
    private const string SignedOut = "You were signed out on another device";

    [Fact]
    public async Task Session_that_is_ended_in_another_browser_is_said_by_its_page_without_a_reload()
    {
        using var folder = new TempFolder();
        var ports = FreePorts.Take(3);
        var address = new Uri(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{ports[0]}"));
        await using var host = await HostProcess.StartAsync(
            "ActiveSessions", folder.Path, "--urls", address.ToString(), "--SiloPort", Text(ports[1]), "--GatewayPort", Text(ports[2]));
        await using var laptop = await chromium.NewProfileAsync(address);
        await using var phone = await chromium.NewProfileAsync(address);
        var phonePage = await SignInAsync(phone);
        foreach (var button in new[] { "End", "Sign out everywhere else" })
        {
            var laptopPage = await SignInAsync(laptop);
            await phonePage.ReloadAsync();
            await Assertions.Expect(Heading(phonePage)).ToHaveTextAsync("ada: 2 active session(s)");
            var reloads = 0;
            laptopPage.Request += (_, request) => reloads += request.IsNavigationRequest ? 1 : 0;

            await phonePage.GetByRole(AriaRole.Button, new() { Name = button, Exact = true }).ClickAsync();

            await Assertions.Expect(Heading(laptopPage)).ToHaveTextAsync(SignedOut);
            await Assertions.Expect(Heading(phonePage)).ToHaveTextAsync("ada: 1 active session(s)");
            Assert.Equal(0, reloads);

            // It is as the page says.
            await laptopPage.GotoAsync("/sessions");
            await Assertions.Expect(Heading(laptopPage)).ToHaveTextAsync("Sign in");
            await phonePage.ReloadAsync();
            await Assertions.Expect(Heading(phonePage)).ToHaveTextAsync("ada: 1 active session(s)");
        }
    }

    /// <summary>Signs in, and returns when the page listens.</summary>
    private static async Task<IPage> SignInAsync(IBrowserContext profile)
    {
        var page = await profile.NewPageAsync();
        await page.GotoAsync("/");
        await page.Locator("input[name=name]").FillAsync("ada");
        var listening = await page.RunAndWaitForResponseAsync(
            () => page.GetByRole(AriaRole.Button, new() { Name = "Sign in" }).ClickAsync(), static response => response.Url.EndsWith("/sessions/events", StringComparison.Ordinal));
        Assert.Equal("text/event-stream", (await listening.HeaderValueAsync("Content-Type"))?.Split(';')[0]);
        return page;
    }

    private static ILocator Heading(IPage page) => page.GetByRole(AriaRole.Heading);

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
