extern alias BlazorCart;
using System.Net;
using App = ServerSession.Tests.Samples.SampleApp<BlazorCart::Program>;

namespace ServerSession.Tests.Samples;

/// <summary>The sample BlazorCart without its script: what is a request in it. Its circuits are tested in a browser.</summary>
public sealed class BlazorCartTests
{
    [Fact]
    public async Task Form_begins_a_session_that_the_page_shows_and_the_other_form_ends_it()
    {
        await using var app = new App();
        using var browser = app.NewBrowser();
        await App.SubmitAsync(browser, "/", "/name", ("name", "<ada>"));
        Assert.Contains("Hello &lt;ada&gt;.", await browser.GetStringAsync("/"), StringComparison.Ordinal);

        await App.SubmitAsync(browser, "/", "/leave");

        Assert.DoesNotContain("Hello", await browser.GetStringAsync("/"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Page_of_a_circuit_holds_nothing_of_the_session_and_loads_the_script_of_the_framework()
    {
        await using var app = new App();
        using var browser = app.NewBrowser();

        // With a space, which the page's protected texts (base64url) never contain.
        var page = await App.SubmitAsync(browser, "/", "/name", ("name", "ada king"));

        Assert.DoesNotContain("ada king", page, StringComparison.Ordinal);
        var script = page[(page.IndexOf("_framework/", StringComparison.Ordinal))..].Split('"')[0];
        Assert.Equal(HttpStatusCode.OK, (await browser.GetAsync($"/{script}")).StatusCode);
    }

    [Fact]
    public async Task Form_without_its_antiforgery_token_is_refused()
    {
        await using var app = new App();
        using var browser = app.NewBrowser();

        Assert.Equal(HttpStatusCode.BadRequest, (await browser.PostAsync("/name", new FormUrlEncodedContent([KeyValuePair.Create("name", "ada")]))).StatusCode);
    }
}
