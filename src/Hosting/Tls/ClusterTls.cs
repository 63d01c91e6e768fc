using System.Net.Security;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Connections.Security;

namespace ServerSession.Hosting;

/// <summary>The TLS of this process's Orleans connections. Files that changed are read again, at most every <see cref="LookInterval"/>.</summary>
public sealed partial class ClusterTls
{
    /// <summary>How long a changed file may stay unnoticed.</summary>
    public static readonly TimeSpan LookInterval = TimeSpan.FromSeconds(10);

    private readonly SessionTlsOptions _settings;
    private readonly TimeProvider _time;
    private readonly ILogger<ClusterTls> _logger;
    private readonly Lock _lock = new();
    private TlsFiles? _files;
    private DateTime _version;
    private long _lookedAt;

    public ClusterTls(IOptions<SessionTlsOptions> settings, TimeProvider time, ILogger<ClusterTls> logger)
    {
        _settings = settings.Value;
        _time = time;
        _logger = logger;
        Options = new TlsOptions
        {
            RemoteCertificateMode = _settings.RequireClientCertificate ? RemoteCertificateMode.RequireCertificate : RemoteCertificateMode.AllowCertificate,
            LocalServerCertificateSelector = (_, _) => Files.Certificate!.TargetCertificate,
            RemoteCertificateValidation = (certificate, chain, errors) =>
                RemoteCertificates.IsAccepted(certificate, chain, errors, Files.Authorities, checkName: !string.IsNullOrWhiteSpace(_settings.TargetHost)),
            OnAuthenticateAsServer = (_, server) =>
            {
                // The context sends the intermediates as well; a selector would send the certificate alone.
                var options = (SslServerAuthenticationOptions)server.SslServerAuthenticationOptions;
                options.ServerCertificateSelectionCallback = null;
                options.ServerCertificateContext = Files.Certificate;
            },
            OnAuthenticateAsClient = (_, client) =>
            {
                client.TargetHost = _settings.TargetHost ?? "";
                ((SslClientAuthenticationOptions)client.SslClientAuthenticationOptions).ClientCertificateContext = Files.Certificate;
            },
        };
    }

    public TlsOptions Options { get; }

    /// <summary>The present content of the files; where a changed file cannot be used, what was read before.</summary>
    public TlsFiles Files
    {
        get
        {
            lock (_lock)
            {
                if (_files is not null && _time.GetElapsedTime(_lookedAt) < LookInterval)
                {
                    return _files;
                }

                _lookedAt = _time.GetTimestamp();
                var version = Version();
                if (_files is null)
                {
                    _files = TlsFiles.Load(_settings);
                }
                else if (version != _version)
                {
                    Renew();
                }

                _version = version;
                return _files;
            }
        }
    }

    private void Renew()
    {
        try
        {
            _files = TlsFiles.Load(_settings);
            LogRenewed(_logger, _files.Certificate?.TargetCertificate.NotAfter.ToUniversalTime());
        }
        catch (InvalidOperationException exception)
        {
            LogNotRenewed(_logger, exception.Message);
        }
    }

    private DateTime Version() => new[] { _settings.CertificateFile, _settings.KeyFile, _settings.AuthorityFile }
        .Where(static file => !string.IsNullOrWhiteSpace(file))
        .Max(static file => File.GetLastWriteTimeUtc(file!));
}
