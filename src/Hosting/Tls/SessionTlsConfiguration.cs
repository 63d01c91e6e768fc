using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;
using ServerSession.Core;

namespace ServerSession.Hosting;

/// <summary>Reads the section <c>ServerSession:Tls</c>; <see cref="SessionTlsOptionsValidator"/> reports what cannot be read.</summary>
public sealed class SessionTlsConfiguration(IConfiguration configuration) : IConfigureOptions<SessionTlsOptions>
{
    public void Configure(SessionTlsOptions options)
    {
        var reader = new SettingsReader(configuration, options.ConfigurationFaults, SessionTlsOptions.Section);
        reader.Text(nameof(options.CertificateFile), value => options.CertificateFile = value);
        reader.Text(nameof(options.KeyFile), value => options.KeyFile = value);
        reader.Text(nameof(options.AuthorityFile), value => options.AuthorityFile = value);
        reader.Text(nameof(options.TargetHost), value => options.TargetHost = value);
        reader.Flag(nameof(options.RequireClientCertificate), value => options.RequireClientCertificate = value);
    }
}
