using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace ServerSession.Tests;

/// <summary>A certificate authority made on the spot.</summary>
public sealed class Authority : IDisposable
{
    private const string ServerUsage = "1.3.6.1.5.5.7.3.1";
    private const string ClientUsage = "1.3.6.1.5.5.7.3.2";

    private readonly X509Certificate2 _certificate;
    private readonly string _intermediates;

    private Authority(X509Certificate2 certificate, string intermediates)
    {
        _certificate = certificate;
        _intermediates = intermediates;
    }

    /// <summary>Gets the certificate of the authority itself, as PEM.</summary>
    public string Pem => _certificate.ExportCertificatePem();

    public static Authority Create(string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return new Authority(Request($"CN={name}", key).CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-2), DateTimeOffset.UtcNow.AddDays(30)), "");
    }

    /// <summary>An authority below this one.</summary>
    public Authority Intermediate(string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var issued = Request($"CN={name}", key).Create(_certificate, DateTimeOffset.UtcNow.AddDays(-1.8), DateTimeOffset.UtcNow.AddDays(20), RandomNumberGenerator.GetBytes(8));
        return new Authority(issued.CopyWithPrivateKey(key), issued.ExportCertificatePem());
    }

    /// <summary>Writes a certificate with its intermediates and its key; returns the paths of the two files.</summary>
    public (string Certificate, string Key) Issue(TempFolder folder, string name, bool server = true, bool client = true, int validDays = 10)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        var usages = new OidCollection();
        if (server)
        {
            usages.Add(new Oid(ServerUsage));
        }

        if (client)
        {
            usages.Add(new Oid(ClientUsage));
        }

        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension(usages, critical: false));
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(name);
        request.CertificateExtensions.Add(names.Build());
        using var issued = request.Create(_certificate, DateTimeOffset.UtcNow.AddDays(-1.5), DateTimeOffset.UtcNow.AddDays(validDays), RandomNumberGenerator.GetBytes(8));
        var files = (Certificate: folder[$"{name}.pem"], Key: folder[$"{name}.key"]);
        File.WriteAllText(files.Certificate, issued.ExportCertificatePem() + "\n" + _intermediates);
        File.WriteAllText(files.Key, key.ExportPkcs8PrivateKeyPem());
        return files;
    }

    public void Dispose() => _certificate.Dispose();

    private static CertificateRequest Request(string subject, ECDsa key)
    {
        var request = new CertificateRequest(subject, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, hasPathLengthConstraint: false, 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign, critical: true));
        return request;
    }
}
