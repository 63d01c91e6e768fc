using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace ServerSession.Tests;

/// <summary>The options: their defaults, what is refused at start and how it is said.</summary>
public sealed class OptionsTests
{
    private static ServerSessionOptions Read(Dictionary<string, string?> settings, string environment = "Production")
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { EnvironmentName = environment });
        builder.Configuration.AddInMemoryCollection(settings);
        builder.Services.AddServerSession().UseInMemoryStore();
        using var host = builder.Build();
        return host.Services.GetRequiredService<IOptions<ServerSessionOptions>>().Value;
    }

    private static string[] Faults(Dictionary<string, string?> settings, string environment = "Production") =>
        Assert.Throws<OptionsValidationException>(() => Read(settings, environment)).Failures.ToArray();

    [Fact]
    public void Options_without_configuration_have_their_defaults()
    {
        var options = Read([]);

        Assert.Equal(TimeSpan.FromMinutes(20), options.IdleTimeout);
        Assert.Equal(TimeSpan.FromDays(7), options.AbsoluteLifetime);
        Assert.Equal(SessionDurability.WriteThrough, options.Durability);
        Assert.Equal(TimeSpan.FromSeconds(1), options.WriteBehindInterval);
        Assert.Equal(SessionLimits.Default, options.Limits);
        Assert.Equal(UnavailablePolicy.Fail, options.OnUnavailable);
        Assert.Equal(TimeSpan.FromSeconds(2), options.RetryAfter);
        Assert.Equal(TimeSpan.FromSeconds(6), options.RetryBudget);
        Assert.Equal(TimeSpan.FromMinutes(1), options.SigningKeyRefreshInterval);
        Assert.Null(options.Header);
        Assert.Empty(options.SigningKeys);
        Assert.Equal(SameSiteMode.Lax, options.Cookie.SameSite);
        Assert.Equal("/", options.Cookie.Path);
        Assert.Null(options.Cookie.Name);
        Assert.Null(options.Cookie.MaxAge);
    }

    [Fact]
    public void Options_are_read_from_the_configuration()
    {
        var options = Read(new()
        {
            ["ServerSession:IdleTimeout"] = "00:05:00",
            ["ServerSession:AbsoluteLifetime"] = "1.00:00:00",
            ["ServerSession:Durability"] = "writebehind",
            ["ServerSession:WriteBehindInterval"] = "00:00:02",
            ["ServerSession:OnUnavailable"] = "Degrade",
            ["ServerSession:Header"] = "Session-Token",
            ["ServerSession:Limits:Keys"] = "5",
            ["ServerSession:Cookie:Name"] = "sid",
            ["ServerSession:Cookie:SameSite"] = "Strict",
            ["ServerSession:Cookie:MaxAge"] = "1.00:00:00",
            ["ServerSession:SigningKeys:0"] = TestApp.SigningKey,
        });

        Assert.Equal(TimeSpan.FromMinutes(5), options.ToTerms().IdleTimeout);
        Assert.Equal(TimeSpan.FromDays(1), options.ToTerms().AbsoluteLifetime);
        Assert.Equal(SessionDurability.WriteBehind, options.ToTerms().Durability);
        Assert.Equal(TimeSpan.FromSeconds(2), options.ToTerms().WriteBehindInterval);
        Assert.Equal(UnavailablePolicy.Degrade, options.OnUnavailable);
        Assert.Equal("Session-Token", options.Header);
        Assert.Equal(SessionLimits.Default with { Keys = 5 }, options.Limits);
        Assert.Equal("sid", options.Cookie.Name);
        Assert.Equal(SameSiteMode.Strict, options.Cookie.SameSite);
        Assert.Equal(TimeSpan.FromDays(1), options.Cookie.MaxAge);
        Assert.Equal([TestApp.SigningKey], options.SigningKeys);
    }

    [Theory]
    [InlineData("IdleTimeout", "00:00:00")]
    [InlineData("IdleTimeout", "366.00:00:00")]
    [InlineData("IdleTimeout", "20")]
    [InlineData("IdleTimeout", "soon")]
    [InlineData("AbsoluteLifetime", "00:00:01")]
    [InlineData("AbsoluteLifetime", "400.00:00:00")]
    [InlineData("Durability", "Durable")]
    [InlineData("Durability", "7")]
    [InlineData("WriteBehindInterval", "00:00:00.001")]
    [InlineData("WriteBehindInterval", "02:00:00")]
    [InlineData("OnUnavailable", "Ignore")]
    [InlineData("RetryAfter", "00:00:00")]
    [InlineData("RetryBudget", "00:01:00")]
    [InlineData("RetryBudget", "-00:00:01")]
    [InlineData("SigningKeyRefreshInterval", "1.00:00:00")]
    [InlineData("Header", "Session Token")]
    [InlineData("Limits:KeyBytes", "0")]
    [InlineData("Limits:ValueBytes", "many")]
    [InlineData("Limits:Keys", "10001")]
    [InlineData("Limits:TotalBytes", "-1")]
    [InlineData("Cookie:Name", "a=b")]
    [InlineData("Cookie:Name", "a b")]
    [InlineData("Cookie:Path", "app")]
    [InlineData("Cookie:Path", "/a;b")]
    [InlineData("Cookie:Domain", "not a host")]
    [InlineData("Cookie:SameSite", "Sometimes")]
    [InlineData("Cookie:SecurePolicy", "Never")]
    [InlineData("Cookie:MaxAge", "00:00:00")]
    [InlineData("Cookie:MaxAge", "401.00:00:00")]
    [InlineData("SigningKeys:0", "short")]
    [InlineData("SigningKeys:0", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=")]
    public void Validate_of_a_wrong_value_names_its_key(string key, string value)
    {
        var faults = Faults(new() { [$"ServerSession:{key}"] = value });

        Assert.Contains(faults, fault => fault.StartsWith($"ServerSession:{key}", StringComparison.Ordinal));
        Assert.All(faults, static fault => Assert.EndsWith(".", fault.Replace("32", "32.", StringComparison.Ordinal), StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("00:00:13", null, true)]
    [InlineData("00:00:14", null, false)]
    [InlineData("00:00:20", "00:00:22", true)]
    [InlineData("00:00:20", "00:00:15", false)]
    [InlineData("00:00:00", "00:00:02", true)]
    [InlineData("00:00:06", "00:00:02", false)]
    public void Validate_of_a_retry_budget_that_outlasts_the_operation_window_refuses_it(string budget, string? window, bool valid)
    {
        Dictionary<string, string?> settings = new() { ["ServerSession:RetryBudget"] = budget, ["ServerSession:OperationWindow"] = window };

        if (valid)
        {
            Assert.Equal(TimeSpan.Parse(budget, CultureInfo.InvariantCulture), Read(settings).RetryBudget);
        }
        else
        {
            var fault = Assert.Single(Faults(settings));
            Assert.StartsWith($"ServerSession:RetryBudget is {budget}, ", fault, StringComparison.Ordinal);
            Assert.Contains($"ServerSession:OperationWindow ({window ?? "00:00:15"})", fault, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Validate_of_a_signing_key_never_quotes_it()
    {
        var key = Convert.ToBase64String(new byte[31]);

        Assert.DoesNotContain(Faults(new() { ["ServerSession:SigningKeys:0"] = key }), fault => fault.Contains(key, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("__Host-id", "SecurePolicy", "SameAsRequest")]
    [InlineData("__Host-id", "SecurePolicy", "None")]
    [InlineData("__Host-id", "Domain", "example.com")]
    [InlineData("__Host-id", "Path", "/app")]
    [InlineData("__host-id", "Path", "/app")]
    [InlineData("__Secure-id", "SecurePolicy", "None")]
    public void Validate_of_a_prefixed_name_needs_its_attributes(string name, string key, string value) =>
        Assert.Single(Faults(new() { ["ServerSession:Cookie:Name"] = name, [$"ServerSession:Cookie:{key}"] = value }));

    [Fact]
    public void Validate_of_SameSite_none_needs_secure()
    {
        Assert.Single(Faults(new() { ["ServerSession:Cookie:SameSite"] = "None" }, "Development"));
        Assert.Equal(SameSiteMode.None, Read(new() { ["ServerSession:Cookie:SameSite"] = "None" }).Cookie.SameSite);
    }

    [Fact]
    public void Validate_of_a_huge_cookie_refuses_it() =>
        Assert.NotEmpty(Faults(new() { ["ServerSession:Cookie:Path"] = "/" + new string('p', 4000) }));

    [Fact]
    public void Validate_of_many_faults_reports_all() =>
        Assert.Equal(5, Faults(new()
        {
            ["ServerSession:IdleTimeout"] = "often",
            ["ServerSession:Limits:Keys"] = "0",
            ["ServerSession:Limits:KeyBytes"] = "0",
            ["ServerSession:Cookie:Name"] = "a b",
            ["ServerSession:Header"] = "a:b",
        }).Length);

    [Fact]
    public void AddServerSession_with_code_lets_it_win_over_the_configuration()
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?> { ["ServerSession:IdleTimeout"] = "00:05:00" });
        builder.Services.AddServerSession(static options => options.IdleTimeout = TimeSpan.FromMinutes(6)).UseInMemoryStore();
        builder.Services.AddServerSession(static options => options.RetryAfter = TimeSpan.FromSeconds(7));
        using var host = builder.Build();

        var options = host.Services.GetRequiredService<IOptions<ServerSessionOptions>>().Value;

        Assert.Equal(TimeSpan.FromMinutes(6), options.IdleTimeout);
        Assert.Equal(TimeSpan.FromSeconds(7), options.RetryAfter);
        Assert.Single(host.Services.GetServices<IServerSessionStore>());
        Assert.IsType<InMemorySessionStore>(host.Services.GetRequiredService<IServerSessionStore>());
    }

    [Fact]
    public async Task Start_without_Orleans_or_a_store_says_what_to_call()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Services.AddServerSession();
        await using var app = builder.Build();

        var exception = await Assert.ThrowsAsync<OptionsValidationException>(() => app.StartAsync());

        Assert.Contains("UseOrleans", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Start_with_a_store_of_the_application_and_no_keys_says_which_key_to_set()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Services.AddServerSession().UseStore<ScriptedStore>();
        await using var app = builder.Build();

        var exception = await Assert.ThrowsAsync<OptionsValidationException>(() => app.StartAsync());

        Assert.Contains("ServerSession:SigningKeys", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task UseServerSession_without_services_throws_one_sentence()
    {
        await using var app = WebApplication.CreateSlimBuilder().Build();

        var exception = Assert.Throws<InvalidOperationException>(() => app.UseServerSession());

        Assert.Equal("UseServerSession needs the session services: call builder.Services.AddServerSession() first.", exception.Message);
    }

    [Fact]
    public void GetServerSession_without_the_middleware_throws_one_sentence() =>
        Assert.Contains("UseServerSession", Assert.Throws<InvalidOperationException>(() => new DefaultHttpContext().GetServerSession()).Message, StringComparison.Ordinal);
}
