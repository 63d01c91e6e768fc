using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace ServerSession.Tests;

/// <summary>Browsers send a machine's cookies to all of its ports, so applications in Development have separate names.</summary>
public sealed class DevelopmentCookieNameTests
{
    [Theory]
    [InlineData("Shop", "session-Shop")]
    [InlineData("My.Shop_2-b", "session-My.Shop_2-b")]
    [InlineData("", "session")]
    [InlineData(null, "session")]
    [InlineData("my shop", "session-my-shop-")]
    [InlineData("магазин", "session--------")]
    public void Name_is_made_of_the_applications(string? application, string start) =>
        Assert.StartsWith(start, DevelopmentCookieName.Of(application), StringComparison.Ordinal);

    [Fact]
    public void Names_of_different_applications_differ_and_are_cookie_names()
    {
        string[] applications = ["Shop", "shop", "my shop", "my-shop", "my/shop", "магазин", "каталог", new('a', 64), new('a', 65), new('a', 66), "a;b", "a=b", "session"];

        var names = applications.Select(DevelopmentCookieName.Of).ToArray();

        Assert.Equal(applications.Length, names.Distinct(StringComparer.Ordinal).Count());
        Assert.All(names, static name => Assert.True(HttpToken.IsValid(name), name));
    }

    [Fact]
    public async Task Cookie_in_development_has_the_applications_name()
    {
        await using var app = await TestApp.StartAsync(new TestSetup
        {
            CookieName = null,
            Inside = static app => app.MapGet("/set", (HttpContext context) => context.GetServerSession().Set("a", "one")),
        });

        Assert.StartsWith("session-ServerSession.Orleans.AspNetCore.Tests=", Assert.Single((await app.SendAsync("/set")).SetCookies()), StringComparison.Ordinal);
    }
}
