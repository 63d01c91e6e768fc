using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Testing;
using Microsoft.Extensions.Options;
using Orleans;
using Orleans.Messaging;
using ServerSession.Hosting;

namespace ServerSession.Tests;

/// <summary>A frontend that reaches its gateways over plain TCP on other machines says so once, with the setting that ends it.</summary>
public sealed class PlainTcpClientWarningTests
{
    [Fact]
    public async Task Frontend_with_gateways_on_a_network_and_without_tls_warns_once_and_names_the_settings()
    {
        var warning = Assert.Single(await StartAsync(new SessionTlsOptions(), "gwy.tcp://127.0.0.1:30000/0", "gwy.tcp://10.0.0.1:30000/0", "gwy.tcp://10.0.0.2:30000/0"));

        Assert.Equal(LogLevel.Warning, warning.Level);
        Assert.Contains("10.0.0.1:30000", warning.Message, StringComparison.Ordinal);
        Assert.Contains("ServerSession:Tls:CertificateFile and ServerSession:Tls:AuthorityFile", warning.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("gwy.tcp://127.0.0.1:30000/0", null)]
    [InlineData("gwy.tcp://[::1]:30000/0", null)]
    [InlineData("gwy.tcp://10.0.0.1:30000/0", "authority.pem")]
    public async Task Frontend_with_gateways_on_loopback_or_with_tls_is_quiet(string gateway, string? authority) =>
        Assert.Empty(await StartAsync(new SessionTlsOptions { AuthorityFile = authority }, gateway));

    [Fact]
    public async Task Frontend_whose_gateways_cannot_be_read_again_starts_without_a_warning() =>
        Assert.All(await StartAsync(new SessionTlsOptions(), null!), static line => Assert.Equal(LogLevel.Debug, line.Level));

    [Fact]
    public async Task Frontend_whose_gateways_are_read_for_ever_starts()
    {
        var stages = new Stages();
        new PlainTcpClientWarning(new SilentGateways(), Options.Create(new SessionTlsOptions()), new FakeLogger<PlainTcpClientWarning>()).Participate(stages);

        await stages.StartAsync();
    }

    [Fact]
    public void Frontend_that_is_a_client_of_a_cluster_is_given_the_warning()
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { EnvironmentName = "Development" });
        builder.AddSessionClient();

        Assert.Contains(builder.Services, static service => service.ImplementationType == typeof(PlainTcpClientWarning));
    }

    private static async Task<IReadOnlyList<FakeLogRecord>> StartAsync(SessionTlsOptions options, params string[] gateways)
    {
        var logger = new FakeLogger<PlainTcpClientWarning>();
        var stages = new Stages();
        new PlainTcpClientWarning(new Gateways(gateways), Options.Create(options), logger).Participate(stages);
        await stages.StartAsync();
        return logger.Collector.GetSnapshot();
    }

    private sealed class SilentGateways : IGatewayListProvider
    {
        public TimeSpan MaxStaleness => TimeSpan.FromMinutes(1);

        public bool IsUpdatable => true;

        public Task InitializeGatewayListProvider() => Task.CompletedTask;

        public Task<IList<Uri>> GetGateways() => new TaskCompletionSource<IList<Uri>>().Task;
    }

    private sealed class Gateways(string[]? addresses) : IGatewayListProvider
    {
        public TimeSpan MaxStaleness => TimeSpan.FromMinutes(1);

        public bool IsUpdatable => true;

        public Task InitializeGatewayListProvider() => Task.CompletedTask;

        public Task<IList<Uri>> GetGateways() =>
            addresses is null ? throw new IOException("The table cannot be reached.") : Task.FromResult<IList<Uri>>([.. addresses.Select(static address => new Uri(address))]);
    }
}
