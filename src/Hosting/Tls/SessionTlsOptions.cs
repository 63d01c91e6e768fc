namespace ServerSession.Hosting;

/// <summary>
/// TLS on the connections between silos and from frontends to gateways (section <c>ServerSession:Tls</c>). It is on as soon as one of the files
/// is named. The files are read again when they change, so a renewed certificate needs no restart.
/// </summary>
public sealed class SessionTlsOptions
{
    public const string Section = "ServerSession:Tls";

    /// <summary>Gets or sets the PEM file of this process's certificate, followed by its intermediates if there are any. Required on silos.</summary>
    public string? CertificateFile { get; set; }

    /// <summary>Gets or sets the PEM file of the certificate's private key, not encrypted. By default the key stands in <see cref="CertificateFile"/>.</summary>
    public string? KeyFile { get; set; }

    /// <summary>
    /// Gets or sets the PEM file of the certificate authorities that the other side's certificate must come from; use one that issues for this
    /// cluster only. By default the authorities of the operating system, and then <see cref="TargetHost"/> is required.
    /// </summary>
    public string? AuthorityFile { get; set; }

    /// <summary>
    /// Gets or sets the name that the certificate of a silo must carry. By default the name is not checked, because silos are reached by
    /// addresses that change: that the authority issues for this cluster only is what counts.
    /// </summary>
    public string? TargetHost { get; set; }

    /// <summary>Gets or sets whether silos turn away frontends and silos that show no certificate (mutual TLS). Default: true.</summary>
    public bool RequireClientCertificate { get; set; } = true;

    /// <summary>Gets what could not be read from the configuration, one sentence for each value.</summary>
    public List<string> ConfigurationFaults { get; } = [];

    public bool IsEnabled => !string.IsNullOrWhiteSpace(CertificateFile) || !string.IsNullOrWhiteSpace(AuthorityFile);
}
