extern alias ActiveSessions;
using System.Net;
using System.Text.RegularExpressions;
using App = ServerSession.Tests.Samples.SampleApp<ActiveSessions::Program>;

namespace ServerSession.Tests.Samples;

/// <summary>The sample ActiveSessions, used as its users do: from several devices.</summary>
public sealed class ActiveSessionsTests
{
    [Fact]
    public async Task Devices_of_a_user_are_listed_and_one_of_them_ends_another()
    {
        await using var app = new App();
        using var laptop = app.NewBrowser("Laptop <1>");
        using var phone = app.NewBrowser("Phone");
        await App.SubmitAsync(laptop, "/", "/sign-in", ("name", "ada"));
        var page = await App.SubmitAsync(phone, "/", "/sign-in", ("name", "ada"));

        Assert.Contains("ada: 2 active session(s)", page, StringComparison.Ordinal);
        Assert.Contains("Laptop &lt;1&gt;", page, StringComparison.Ordinal);
        page = await App.SubmitAsync(phone, "/sessions", "/sessions/end");

        Assert.Contains("ada: 1 active session(s)", page, StringComparison.Ordinal);
        Assert.DoesNotContain("Laptop", page, StringComparison.Ordinal);
        Assert.Contains("<h1>Sign in</h1>", await laptop.GetStringAsync("/sessions"), StringComparison.Ordinal);
        Assert.Contains("active session(s)", await phone.GetStringAsync("/sessions"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Sign_out_everywhere_else_leaves_this_device_signed_in_and_other_users_alone()
    {
        await using var app = new App();
        using var one = app.NewBrowser();
        using var two = app.NewBrowser();
        using var other = app.NewBrowser();
        await App.SubmitAsync(one, "/", "/sign-in", ("name", "ada"));
        await App.SubmitAsync(two, "/", "/sign-in", ("name", "ada"));
        await App.SubmitAsync(other, "/", "/sign-in", ("name", "bob"));

        Assert.Contains("ada: 1 active session(s)", await App.SubmitAsync(one, "/sessions", "/sessions/end-others"), StringComparison.Ordinal);

        Assert.Contains("<h1>Sign in</h1>", await two.GetStringAsync("/sessions"), StringComparison.Ordinal);
        Assert.Contains("bob: 1 active session(s)", await other.GetStringAsync("/sessions"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Session_of_another_user_cannot_be_ended()
    {
        await using var app = new App();
        using var ada = app.NewBrowser();
        using var bob = app.NewBrowser();
        using var second = app.NewBrowser();
        await App.SubmitAsync(ada, "/", "/sign-in", ("name", "ada"));
        await App.SubmitAsync(bob, "/", "/sign-in", ("name", "bob"));
        await App.SubmitAsync(second, "/", "/sign-in", ("name", "bob"));
        var form = Regex.Match(await bob.GetStringAsync("/sessions"), "<form[^>]*/sessions/end\".*?</form>", RegexOptions.Singleline).Value;
        var ofBob = Regex.Match(form, "name=\"id\" value=\"(?<id>[^\"]+)\"").Groups["id"].Value;
        Assert.NotEqual("", ofBob);

        // Ada's own antiforgery token, with the id of a session of Bob.
        var token = Regex.Match(await ada.GetStringAsync("/sessions"), "<form[^>]*/sign-out\".*?</form>", RegexOptions.Singleline).Value;
        await App.SubmitFormAsync(ada, token, "/sessions/end", ("id", ofBob));

        Assert.Contains("bob: 2 active session(s)", await bob.GetStringAsync("/sessions"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Sign_out_ends_the_session_and_a_form_without_its_token_is_refused()
    {
        await using var app = new App();
        using var browser = app.NewBrowser();
        await App.SubmitAsync(browser, "/", "/sign-in", ("name", "ada"));

        Assert.Equal(HttpStatusCode.BadRequest, (await browser.PostAsync("/sessions/end-others", null)).StatusCode);
        await App.SubmitAsync(browser, "/sessions", "/sign-out");

        Assert.Contains("<h1>Sign in</h1>", await browser.GetStringAsync("/sessions"), StringComparison.Ordinal);
    }
}
