using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace ServerSession.Tests;

/// <summary>Cookies that no browser would keep are refused at start where they can be known, and are one warning where only a request shows it.</summary>
public sealed class CookieReachTests
{
    private static string? FaultOf(string key, string value)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { EnvironmentName = "Production" });
        Microsoft.Extensions.Configuration.MemoryConfigurationBuilderExtensions.AddInMemoryCollection(builder.Configuration, new Dictionary<string, string?> { [$"ServerSession:Cookie:{key}"] = value });
        builder.Services.AddServerSession().UseInMemoryStore();
        using var host = builder.Build();
        try
        {
            _ = host.Services.GetRequiredService<IOptions<ServerSessionOptions>>().Value;
            return null;
        }
        catch (OptionsValidationException exception)
        {
            return Assert.Single(exception.Failures);
        }
    }

    [Theory]
    [InlineData("müller.example", "xn--mller-kva.example")]
    [InlineData(".müller.example", "xn--mller-kva.example")]
    [InlineData("MÜLLER.example", "xn--mller-kva.example")]
    [InlineData("магазин.рф", "xn--")]
    [InlineData("example.com.", "Write example.com,")]
    [InlineData("localhost", "Remove the key")]
    [InlineData("LOCALHOST", "Remove the key")]
    [InlineData("intranet", "single label")]
    [InlineData("com", "single label")]
    [InlineData("com.", "Write com,|trailing dot")]
    [InlineData("co.uk", "many owners")]
    [InlineData(".co.uk", "many owners")]
    [InlineData("CO.UK", "many owners")]
    [InlineData("github.io", "many owners")]
    [InlineData("com.br", "many owners")]
    [InlineData("azurewebsites.net", "many owners")]
    [InlineData("..example.com", "host name such as example.com")]
    [InlineData("example..com", "host name such as example.com")]
    [InlineData("*.example.com", "wildcard")]
    [InlineData("https://example.com", "scheme")]
    [InlineData("example.com:443", "port")]
    [InlineData("example.com/app", "host name such as example.com")]
    [InlineData("127.0.0.1", "host name such as example.com")]
    [InlineData("[::1]", "host name such as example.com")]
    [InlineData("1.2.3", "host name such as example.com")]
    [InlineData(".", "host name such as example.com")]
    [InlineData("a b.example", "host name such as example.com")]
    [InlineData("a;b.example", "host name such as example.com")]
    public void Validate_domain_no_browser_takes_is_refused_with_its_fix(string domain, string fix)
    {
        var fault = FaultOf("Domain", domain);

        Assert.StartsWith($"ServerSession:Cookie:Domain is \"{domain}\"", fault, StringComparison.Ordinal);
        Assert.Contains(fix.Split('|'), part => fault!.Contains(part, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("example.com")]
    [InlineData(".example.com")]
    [InlineData("Example.COM")]
    [InlineData("shop.example.co.uk")]
    [InlineData("example.co.uk")]
    [InlineData("me.github.io")]
    [InlineData("xn--mller-kva.example")]
    [InlineData("app.localhost")]
    [InlineData("company.internal")]
    public void Validate_domain_browsers_take_is_accepted(string domain) => Assert.Null(FaultOf("Domain", domain));

    [Theory]
    [InlineData("00:19:59", false)]
    [InlineData("00:20:00", true)]
    [InlineData("400.00:00:00", true)]
    public void Validate_max_age_below_the_idle_timeout_is_refused(string maxAge, bool valid)
    {
        var fault = FaultOf("MaxAge", maxAge);

        Assert.Equal(valid, fault is null);
        if (!valid)
        {
            Assert.Equal(
                $"ServerSession:Cookie:MaxAge is {maxAge}, shorter than ServerSession:IdleTimeout (00:20:00): browsers would forget sessions that still live. "
                + "Set it to at least the idle timeout, or remove the key for a cookie that ends with the browser.",
                fault);
        }
    }

    private static Task<TestApp> StartAsync(Server server, string environment, Action<ServerSessionOptions>? options = null, Action<WebApplication>? outside = null) =>
        TestApp.StartAsync(new TestSetup
        {
            Server = server,
            Environment = environment,
            Options = options ?? (static _ => { }),
            Outside = outside ?? (static _ => { }),
            Inside = static app => app.MapGet("/set", (HttpContext context) => context.GetServerSession().Set("a", "one")),
        });

    private static string[] Warnings(TestApp app, string name) => app.Logs.Lines.Where(line => line.Contains(name, StringComparison.Ordinal)).ToArray();

    [Theory]
    [InlineData(Server.Memory)]
    [InlineData(Server.Http1)]
    public async Task Host_outside_the_domain_is_one_warning(Server server)
    {
        await using var app = await StartAsync(server, "Development", static options => options.Cookie.Domain = "example.com");
        async Task SetAsync(string host) => Assert.Equal(HttpStatusCode.OK, (await app.SendAsync("/set", headers: headers => headers.Host = host)).StatusCode);

        await SetAsync("example.com");
        await SetAsync("shop.EXAMPLE.com:8080");
        Assert.Empty(Warnings(app, "HostOutsideCookieDomain"));
        await SetAsync("notexample.com");
        await SetAsync("localhost:5000");

        var warning = Assert.Single(Warnings(app, "HostOutsideCookieDomain"));
        Assert.StartsWith("Warning ", warning, StringComparison.Ordinal);
        Assert.Contains("notexample.com", warning, StringComparison.Ordinal);
        Assert.Contains("ServerSession:Cookie:Domain (example.com)", warning, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(Server.Memory)]
    [InlineData(Server.Http1)]
    [InlineData(Server.Http2)]
    public async Task Request_over_plain_http_in_production_is_one_warning(Server server)
    {
        await using var app = await StartAsync(server, "Production");

        await app.SendAsync("/set");
        await app.SendAsync("/set");

        var warning = Assert.Single(Warnings(app, "SecureCookieOverHttp"));
        Assert.StartsWith("Warning ", warning, StringComparison.Ordinal);
        Assert.Contains("ServerSession:Cookie:SecurePolicy", warning, StringComparison.Ordinal);
        Assert.Contains("UseForwardedHeaders", warning, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Request_over_plain_http_in_development_or_by_choice_is_no_warning()
    {
        await using var development = await StartAsync(Server.Http1, "Development");
        await development.SendAsync("/set");
        await using var chosen = await StartAsync(Server.Http1, "Production", static options => options.Cookie.SecurePolicy = CookieSecurePolicy.SameAsRequest);
        await chosen.SendAsync("/set");

        Assert.Empty(Warnings(development, "SecureCookieOverHttp"));
        Assert.Empty(Warnings(chosen, "SecureCookieOverHttp"));
    }

    /// <summary>Forwarded headers count only where the operator trusts who sends them.</summary>
    [Theory]
    [InlineData(true, 0)]
    [InlineData(false, 1)]
    public async Task Request_over_https_that_ends_at_a_proxy_counts_where_the_proxy_is_trusted(bool trusted, int warnings)
    {
        await using var app = await StartAsync(Server.Http1, "Production", outside: app =>
        {
            var forwarded = new ForwardedHeadersOptions { ForwardedHeaders = ForwardedHeaders.XForwardedProto };
            if (!trusted)
            {
                forwarded.KnownProxies.Clear();
                forwarded.KnownIPNetworks.Clear();
                forwarded.KnownProxies.Add(IPAddress.Parse("192.0.2.1"));
            }

            app.UseForwardedHeaders(forwarded);
        });

        await app.SendAsync("/set", headers: static headers => headers.Add("X-Forwarded-Proto", "https"));

        Assert.Equal(warnings, Warnings(app, "SecureCookieOverHttp").Length);
    }
}
