extern alias RazorShop;
using System.Net;
using App = ServerSession.Tests.Samples.SampleApp<RazorShop::Program>;

namespace ServerSession.Tests.Samples;

/// <summary>The sample RazorShop: TempData is shown once, and a form without its antiforgery token is refused.</summary>
public sealed class RazorShopTests
{
    [Fact]
    public async Task Item_added_by_the_form_is_in_the_cart_and_its_message_is_shown_once()
    {
        await using var app = new App();
        using var browser = app.NewBrowser();
        var page = await App.SubmitFormAsync(browser, await browser.GetStringAsync("/"), "/", ("item", "tea & cake"));

        Assert.Contains("<p role=\"status\">tea &amp; cake is in the cart.</p>", page, StringComparison.Ordinal);
        Assert.Contains("<li>tea &amp; cake</li>", page, StringComparison.Ordinal);
        var again = await browser.GetStringAsync("/");
        Assert.DoesNotContain("status", again, StringComparison.Ordinal);
        Assert.Contains("<li>tea &amp; cake</li>", again, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Form_without_its_antiforgery_token_changes_nothing()
    {
        await using var app = new App();
        using var browser = app.NewBrowser();
        await App.SubmitFormAsync(browser, await browser.GetStringAsync("/"), "/", ("item", "tea"));

        using var response = await browser.PostAsync("/", new FormUrlEncodedContent([KeyValuePair.Create("item", "cake")]));

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.DoesNotContain("<li>cake</li>", await browser.GetStringAsync("/"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Carts_of_two_browsers_are_apart()
    {
        await using var app = new App();
        using var one = app.NewBrowser();
        using var other = app.NewBrowser();
        await App.SubmitFormAsync(one, await one.GetStringAsync("/"), "/", ("item", "tea"));

        Assert.DoesNotContain("<li>tea</li>", await other.GetStringAsync("/"), StringComparison.Ordinal);
    }
}
