using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;
using ServerSession.Hosting;

namespace ServerSession.Tests;

/// <summary>A frontend that is a client of a cluster needs no silo to start, and never a restart.</summary>
public sealed class ClientStartTests
{
    private readonly int[] _ports = FreePorts.Take(4);

    [Fact]
    public async Task Frontend_without_a_silo_serves_what_it_can_and_becomes_ready_whenever_a_silo_is_there()
    {
        using var folder = new TempFolder();
        await using var frontend = await HostProcess.StartAsync("WebHost", folder.Path, Frontend);
        using var browser = new Browser(Address(0));

        await AssertStatusAsync(browser, "/health/live", HttpStatusCode.OK);
        await AssertStatusAsync(browser, "/health/ready", HttpStatusCode.ServiceUnavailable);
        await AssertStatusAsync(browser, "/", HttpStatusCode.OK);
        await AssertRefusedAsync(browser);

        await using (await HostProcess.StartAsync("Silo", folder.Path, Silo))
        {
            await WaitForAsync(browser, "/health/ready", HttpStatusCode.OK);
            await browser.SaveQuoteAsync("found");
        }

        // The silo was killed.
        await WaitForAsync(browser, "/health/ready", HttpStatusCode.ServiceUnavailable);
        await AssertRefusedAsync(browser);
        await using var again = await HostProcess.StartAsync("Silo", folder.Path, Silo);
        await WaitForAsync(browser, "/health/ready", HttpStatusCode.OK);
        await WaitForAsync(browser, "/session/quote", HttpStatusCode.OK);
        Assert.Equal("found", await browser.ReadQuoteAsync());
    }

    [Fact]
    public async Task Frontend_without_a_silo_and_with_keys_of_its_own_refuses_sessions_with_503()
    {
        using var folder = new TempFolder();
        await using var frontend = await HostProcess.StartAsync(
            "WebHost", folder.Path, [.. Frontend, $"--ServerSession:SigningKeys:0={Convert.ToBase64String(RandomNumberGenerator.GetBytes(32))}"]);
        using var browser = new Browser(Address(0));

        await AssertRefusedAsync(browser);
    }

    [Fact]
    public async Task Sigterm_while_the_frontend_looks_for_a_silo_exits_0_quietly()
    {
        using var folder = new TempFolder();
        await using var frontend = await HostProcess.StartAsync("WebHost", folder.Path, Frontend);
        await frontend.WaitForOutputAsync("No silo of the session cluster answers yet");

        Assert.Equal(0, await frontend.TerminateAsync());
        Assert.DoesNotContain("fail: ", frontend.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("crit: ", frontend.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Frontend_with_a_storage_for_sessions_refuses_to_start_and_names_the_section_and_the_fix()
    {
        using var folder = new TempFolder();

        var (exitCode, output) = await HostProcess.RunAsync(
            "WebHost", folder.Path, [.. Frontend, "--Orleans:GrainStorage:sessions:ProviderType=Redis", "--Orleans:GrainStorage:sessions:ConnectionString=localhost"]);

        Assert.Equal(1, exitCode);
        Assert.StartsWith("WebHost cannot start: Orleans:GrainStorage:sessions is set, but this process is a client of the cluster", output, StringComparison.Ordinal);
        Assert.Contains("storage belongs to the silos. Remove Orleans:GrainStorage:sessions from the configuration of this frontend", output, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Orleans:GrainStorage:sessions", ":ProviderType", "AzureTableStorage")]
    [InlineData("Orleans:GrainStorage:carts", ":ConnectionString", "localhost")]
    [InlineData("Orleans:GrainDirectory:carts", ":ProviderType", "Redis")]
    [InlineData("Orleans:Reminders", ":ProviderType", "Redis")]
    public void Client_with_a_section_that_only_silos_use_is_refused_before_Orleans_reads_it(string section, string key, string value)
    {
        var builder = Builder((section + key, value));

        var refusal = Assert.Throws<OptionsValidationException>(builder.AddSessionClient);

        Assert.StartsWith($"{section} is set", Assert.Single(refusal.Failures), StringComparison.Ordinal);
    }

    [Fact]
    public void Client_with_several_such_sections_is_told_of_all() => Assert.Equal(
        3,
        Assert.Throws<OptionsValidationException>(Builder(
            ("Orleans:GrainStorage:sessions:ProviderType", "Redis"), ("Orleans:GrainStorage:carts:ProviderType", "Redis"), ("Orleans:Reminders:ProviderType", "Redis")).AddSessionClient).Failures.Count());

    [Fact]
    public void Client_without_such_a_section_is_added() => Assert.NotNull(Builder(("Orleans:ClusterId", "shop")).AddSessionClient());

    private static WebApplicationBuilder Builder(params (string Key, string Value)[] settings)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { EnvironmentName = "Development" });
        builder.Configuration.AddInMemoryCollection(settings.Select(static setting => KeyValuePair.Create<string, string?>(setting.Key, setting.Value)));
        return builder;
    }

    private string[] Frontend =>
    [
        "--environment", "Development", "--urls", Address(0).ToString(), "--ServerSession:Mode=Client", "--ServerSession:RetryBudget=00:00:02",
        string.Create(CultureInfo.InvariantCulture, $"--Orleans:Endpoints:GatewayPort={_ports[3]}"),
    ];

    private string[] Silo =>
    [
        "--environment", "Development", "--urls", Address(1).ToString(),
        string.Create(CultureInfo.InvariantCulture, $"--Orleans:Endpoints:SiloPort={_ports[2]}"),
        string.Create(CultureInfo.InvariantCulture, $"--Orleans:Endpoints:GatewayPort={_ports[3]}"),
    ];

    private Uri Address(int port) => new(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{_ports[port]}"));

    private static async Task AssertRefusedAsync(Browser browser)
    {
        using var refused = await browser.PutAsync("/session/quote/update", "text");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.StatusCode);
        Assert.NotNull(refused.Headers.RetryAfter);
    }

    private static async Task AssertStatusAsync(Browser browser, string path, HttpStatusCode status)
    {
        using var response = await browser.GetAsync(path);
        Assert.Equal(status, response.StatusCode);
    }

    private static async Task WaitForAsync(Browser browser, string path, HttpStatusCode status)
    {
        await Eventually.HoldsAsync(
            async () =>
            {
                using var response = await browser.GetAsync(path);
                return response.StatusCode == status;
            },
            () => $"{path} was answered {(int)status}");
    }
}
