using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace ServerSession.Hosting;

/// <summary>What the files of <see cref="SessionTlsOptions"/> hold.</summary>
/// <param name="Certificate">The certificate with its key and intermediates; null where none is configured.</param>
/// <param name="Authorities">The authorities to trust; null for those of the operating system.</param>
public sealed record TlsFiles(SslStreamCertificateContext? Certificate, X509Certificate2Collection? Authorities)
{
    /// <exception cref="InvalidOperationException">A file cannot be used; the message names its key and the fix.</exception>
    public static TlsFiles Load(SessionTlsOptions options)
    {
        var authorities = string.IsNullOrWhiteSpace(options.AuthorityFile)
            ? null
            : ReadAll(options.AuthorityFile, nameof(SessionTlsOptions.AuthorityFile));
        if (string.IsNullOrWhiteSpace(options.CertificateFile))
        {
            return new TlsFiles(null, authorities);
        }

        var chain = ReadAll(options.CertificateFile, nameof(SessionTlsOptions.CertificateFile));
        var certificate = WithKey(options);
        return new TlsFiles(SslStreamCertificateContext.Create(certificate, chain, offline: true), authorities);
    }

    private static X509Certificate2 WithKey(SessionTlsOptions options)
    {
        var keyFile = string.IsNullOrWhiteSpace(options.KeyFile) ? options.CertificateFile! : options.KeyFile;
        var key = keyFile == options.CertificateFile ? nameof(SessionTlsOptions.CertificateFile) : nameof(SessionTlsOptions.KeyFile);
        try
        {
            return X509Certificate2.CreateFromPemFile(options.CertificateFile!, keyFile);
        }
        catch (Exception exception) when (exception is CryptographicException or ArgumentException or IOException or UnauthorizedAccessException)
        {
            throw Unusable(key, keyFile, exception, "give the PEM file of the certificate's own private key, not encrypted");
        }
    }

    private static X509Certificate2Collection ReadAll(string file, string key)
    {
        X509Certificate2Collection certificates = [];
        try
        {
            certificates.ImportFromPemFile(file);
        }
        catch (Exception exception) when (exception is CryptographicException or ArgumentException or IOException or UnauthorizedAccessException)
        {
            throw Unusable(key, file, exception, "give a readable PEM file with a certificate");
        }

        return certificates.Count > 0
            ? certificates
            : throw Unusable(key, file, null, "it holds no certificate; give a PEM file that begins with -----BEGIN CERTIFICATE-----");
    }

    private static InvalidOperationException Unusable(string key, string file, Exception? exception, string fix) =>
        new($"{SessionTlsOptions.Section}:{key} is {file}: {(exception is null ? "" : exception.Message.TrimEnd('.') + "; ")}{fix}.", exception);
}
