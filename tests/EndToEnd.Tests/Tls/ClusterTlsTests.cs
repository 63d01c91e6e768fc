using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Logging.Testing;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using ServerSession.Hosting;

namespace ServerSession.Tests;

public sealed class ClusterTlsTests
{
    [Fact]
    public void Certificate_renewed_in_its_files_is_used_without_a_restart()
    {
        using var folder = new TempFolder();
        using var root = Authority.Create("root");
        var (tls, time, _) = Create(folder, root);
        var before = tls.Files.Certificate!.TargetCertificate.Thumbprint;

        Renew(folder, () => root.Issue(folder, "silo"));
        Assert.Equal(before, tls.Files.Certificate!.TargetCertificate.Thumbprint);
        time.Advance(ClusterTls.LookInterval);

        Assert.NotEqual(before, tls.Files.Certificate!.TargetCertificate.Thumbprint);
    }

    [Fact]
    public void Certificate_whose_files_are_broken_by_a_change_stays_in_use_and_the_reason_is_logged_once()
    {
        using var folder = new TempFolder();
        using var root = Authority.Create("root");
        var (tls, time, log) = Create(folder, root);
        var before = tls.Files.Certificate!.TargetCertificate.Thumbprint;

        Renew(folder, () => File.WriteAllText(folder["silo.pem"], "half written"));
        for (var look = 0; look < 3; look++)
        {
            time.Advance(ClusterTls.LookInterval);
            Assert.Equal(before, tls.Files.Certificate!.TargetCertificate.Thumbprint);
        }

        var record = Assert.Single(log.Collector.GetSnapshot());
        Assert.Contains("ServerSession:Tls:CertificateFile", record.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(SslPolicyErrors.None, false, true)]
    [InlineData(SslPolicyErrors.RemoteCertificateChainErrors, true, true)]
    [InlineData(SslPolicyErrors.RemoteCertificateNameMismatch, true, false)]
    [InlineData(SslPolicyErrors.RemoteCertificateNameMismatch, false, true)]
    [InlineData(SslPolicyErrors.RemoteCertificateNotAvailable, false, false)]
    public void IsAccepted_with_an_authority_of_its_own_counts_that_instead_of_the_systems(SslPolicyErrors errors, bool checkName, bool accepted)
    {
        using var folder = new TempFolder();
        using var root = Authority.Create("root");
        using var certificate = X509CertificateLoader.LoadCertificateFromFile(root.Issue(folder, "silo").Certificate);
        X509Certificate2Collection authorities = [X509Certificate2.CreateFromPem(root.Pem)];

        Assert.Equal(accepted, RemoteCertificates.IsAccepted(certificate, null, errors, authorities, checkName));
        Assert.Equal(accepted && errors != SslPolicyErrors.RemoteCertificateChainErrors, RemoteCertificates.IsAccepted(certificate, null, errors, null, checkName));
    }

    private static (ClusterTls Tls, FakeTimeProvider Time, FakeLogger<ClusterTls> Log) Create(TempFolder folder, Authority root)
    {
        var files = root.Issue(folder, "silo");
        File.WriteAllText(folder["root.pem"], root.Pem);
        var options = new SessionTlsOptions { CertificateFile = files.Certificate, KeyFile = files.Key, AuthorityFile = folder["root.pem"] };
        var time = new FakeTimeProvider();
        var log = new FakeLogger<ClusterTls>();
        return (new ClusterTls(Options.Create(options), time, log), time, log);
    }

    /// <summary>Changes the files and makes sure that their times tell of it.</summary>
    private static void Renew(TempFolder folder, Action change)
    {
        change();
        File.SetLastWriteTimeUtc(folder["silo.pem"], File.GetLastWriteTimeUtc(folder["silo.pem"]).AddSeconds(5));
    }
}
