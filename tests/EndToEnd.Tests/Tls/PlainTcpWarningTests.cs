using System.Net;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Testing;
using Microsoft.Extensions.Options;
using Orleans;
using Orleans.Runtime;
using ServerSession.Hosting;

namespace ServerSession.Tests;

/// <summary>A silo that is reached over plain TCP from other machines says so once, with the setting that ends it.</summary>
public sealed class PlainTcpWarningTests
{
    [Fact]
    public async Task Silo_on_a_network_address_without_tls_warns_once_and_names_the_settings()
    {
        var warning = Assert.Single(await StartAsync("10.0.0.1", new SessionTlsOptions()));

        Assert.Equal(LogLevel.Warning, warning.Level);
        Assert.Contains("10.0.0.1:11111", warning.Message, StringComparison.Ordinal);
        Assert.Contains("ServerSession:Tls:CertificateFile and ServerSession:Tls:AuthorityFile", warning.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("127.0.0.1", null)]
    [InlineData("::1", null)]
    [InlineData("10.0.0.1", "silo.pem")]
    public async Task Silo_on_loopback_or_with_tls_is_quiet(string address, string? certificate) =>
        Assert.Empty(await StartAsync(address, new SessionTlsOptions { CertificateFile = certificate }));

    private static async Task<IReadOnlyList<FakeLogRecord>> StartAsync(string address, SessionTlsOptions options)
    {
        var logger = new FakeLogger<PlainTcpWarning>();
        var stages = new Stages();
        new PlainTcpWarning(new Silo(SiloAddress.New(IPAddress.Parse(address), 11111, 1)), Options.Create(options), logger).Participate(stages);
        await stages.StartAsync();
        return logger.Collector.GetSnapshot();
    }

    private sealed class Silo(SiloAddress address) : ILocalSiloDetails
    {
        public string Name => "silo";

        public string ClusterId => "cluster";

        public string DnsHostName => "host";

        public SiloAddress SiloAddress => address;

        public SiloAddress GatewayAddress => address;
    }
}
