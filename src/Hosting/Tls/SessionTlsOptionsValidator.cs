using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Options;

namespace ServerSession.Hosting;

/// <summary>Reads the TLS files before the host starts, so that a wrong one is an error at start and not a connection that never comes about.</summary>
/// <param name="isSilo">Whether this process accepts connections of others.</param>
/// <param name="time">The clock that a certificate's dates are compared with.</param>
public sealed class SessionTlsOptionsValidator(bool isSilo, TimeProvider time) : IValidateOptions<SessionTlsOptions>
{
    private const string ServerUsage = "1.3.6.1.5.5.7.3.1";
    private const string ClientUsage = "1.3.6.1.5.5.7.3.2";
    private const string CertificateKey = $"{SessionTlsOptions.Section}:{nameof(SessionTlsOptions.CertificateFile)}";

    public ValidateOptionsResult Validate(string? name, SessionTlsOptions options)
    {
        List<string> errors = [.. options.ConfigurationFaults];
        if (!options.IsEnabled)
        {
            if (!string.IsNullOrWhiteSpace(options.KeyFile) || !string.IsNullOrWhiteSpace(options.TargetHost))
            {
                errors.Add($"{CertificateKey} is not set, but other settings of {SessionTlsOptions.Section} are: name the PEM file of the certificate, or remove them.");
            }

            return errors.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(errors);
        }

        if (isSilo && string.IsNullOrWhiteSpace(options.CertificateFile))
        {
            errors.Add($"{CertificateKey} is not set: a silo with TLS needs a separate certificate. Name its PEM file.");
        }

        if (string.IsNullOrWhiteSpace(options.AuthorityFile) && string.IsNullOrWhiteSpace(options.TargetHost))
        {
            errors.Add($"{SessionTlsOptions.Section}:{nameof(SessionTlsOptions.AuthorityFile)} is not set: name the PEM file of the authority that issues the cluster's certificates "
                + $"(or set {SessionTlsOptions.Section}:{nameof(SessionTlsOptions.TargetHost)}, to trust the operating system's authorities for that name).");
        }

        try
        {
            var files = TlsFiles.Load(options);
            if (files.Certificate?.TargetCertificate is { } certificate)
            {
                Check(certificate, files, options, errors);
            }
        }
        catch (InvalidOperationException exception)
        {
            errors.Add(exception.Message);
        }

        return errors.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(errors);
    }

    private void Check(X509Certificate2 certificate, TlsFiles files, SessionTlsOptions options, List<string> errors)
    {
        var now = time.GetUtcNow();
        if (now > certificate.NotAfter.ToUniversalTime() || now < certificate.NotBefore.ToUniversalTime())
        {
            errors.Add($"{CertificateKey} is {options.CertificateFile}: the certificate is valid from {certificate.NotBefore.ToUniversalTime():u} to {certificate.NotAfter.ToUniversalTime():u}. Renew it, or set this machine's clock.");
        }

        // A silo is the server of some connections and the client of others.
        foreach (var (usage, what) in new[] { (ServerUsage, "server authentication"), (ClientUsage, "client authentication") })
        {
            if ((isSilo || usage == ClientUsage) && !Allows(certificate, usage))
            {
                errors.Add($"{CertificateKey} is {options.CertificateFile}: its extended key usage lacks {what} ({usage}). Issue one that has it.");
            }
        }

        if (errors.Count == 0 && files.Authorities is { } authorities && !IsIssuedBy(authorities, certificate, files))
        {
            errors.Add($"{CertificateKey} is {options.CertificateFile}: it does not come from the authorities in {options.AuthorityFile}, so the other processes of the cluster would turn it away. "
                + $"Use a certificate of that authority, with its intermediates in the same file, or correct {SessionTlsOptions.Section}:{nameof(SessionTlsOptions.AuthorityFile)}.");
        }
    }

    private static bool IsIssuedBy(X509Certificate2Collection authorities, X509Certificate2 certificate, TlsFiles files)
    {
        using var chain = new X509Chain();
        foreach (var intermediate in files.Certificate!.IntermediateCertificates)
        {
            chain.ChainPolicy.ExtraStore.Add(intermediate);
        }

        return RemoteCertificates.IsAccepted(certificate, chain, default, authorities, checkName: false);
    }

    private static bool Allows(X509Certificate2 certificate, string usage)
    {
        var usages = certificate.Extensions.OfType<X509EnhancedKeyUsageExtension>().ToArray();
        return usages.Length == 0 || usages.Any(extension => extension.EnhancedKeyUsages[usage] is not null);
    }
}
