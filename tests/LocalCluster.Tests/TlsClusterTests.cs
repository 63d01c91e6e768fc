using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using ServerSession.LocalCluster;

namespace ServerSession.Tests;

/// <summary>TLS between silos: each shows its certificate and takes only peers whose certificate comes from the authority of the cluster.</summary>
public sealed class TlsClusterTests
{
    private const int Sessions = 20;
    private const string Refusal = "Authentication failed";

    [Fact]
    public async Task Silos_with_certificates_of_one_authority_form_a_cluster_and_turn_other_peers_away()
    {
        await using var folder = new ClusterFolder();
        using var files = new TempFolder();
        using var root = Authority.Create("root");
        using var foreign = Authority.Create("foreign");
        var (certificate, key) = root.Issue(files, "cluster");
        await File.WriteAllTextAsync(files["root.pem"], root.Pem);
        using var cluster = await ProcessCluster.UpAsync(folder.Path, new ProcessClusterOptions
        {
            Silos = 2,
            WebHosts = 1,
            Settings = new Dictionary<string, string>
            {
                ["ServerSession:Tls:CertificateFile"] = certificate,
                ["ServerSession:Tls:KeyFile"] = key,
                ["ServerSession:Tls:AuthorityFile"] = files["root.pem"],
                ["ServerSession:Tls:TargetHost"] = "cluster",
            },
        });

        // The directory knows half of the sessions on the silo that does not hold them, so these calls go between the silos.
        var frontend = cluster.Frontends[0];
        var visitors = Enumerable.Range(0, Sessions).Select(static _ => new Visitor()).ToArray();
        await Task.WhenAll(visitors.Select((visitor, number) => visitor.SaveQuoteAsync(frontend, $"quote {number}")));
        Assert.Equal(Enumerable.Range(0, Sessions).Select(static number => $"quote {number}"), await Task.WhenAll(visitors.Select(visitor => visitor.ReadQuoteAsync(frontend))));
        Array.ForEach(visitors, static visitor => visitor.Dispose());

        foreach (var silo in new[] { 1, 2 })
        {
            // Counted, because a connection that a busy machine was too slow to open is given up with the same words.
            var before = await RefusalsAsync(cluster, silo);
            using (var none = await ConnectAsync(cluster, silo))
            {
                await none.AuthenticateAsClientAsync(new SslClientAuthenticationOptions { TargetHost = "cluster", RemoteCertificateValidationCallback = IsOfTheCluster });
                await Eventually.HoldsAsync(async () => await RefusalsAsync(cluster, silo) > before, () => $"silo {silo} turns away a peer without a certificate");
            }

            before = await RefusalsAsync(cluster, silo);
            var stranger = foreign.Issue(files, $"stranger{silo}");
            using (var other = await ConnectAsync(cluster, silo))
            using (var shown = X509Certificate2.CreateFromPemFile(stranger.Certificate, stranger.Key))
            {
                await other.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
                {
                    TargetHost = "cluster",
                    RemoteCertificateValidationCallback = IsOfTheCluster,
                    ClientCertificateContext = SslStreamCertificateContext.Create(shown, null),
                });
                await Eventually.HoldsAsync(async () => await RefusalsAsync(cluster, silo) > before, () => $"silo {silo} turns away a peer with a certificate of another authority");
            }
        }

        Assert.All((await cluster.StatusAsync()).Members, static member => Assert.True(member.Ready, $"{member.Role} {member.Index}"));

        bool IsOfTheCluster(object sender, X509Certificate? shown, X509Chain? chain, SslPolicyErrors errors) => shown?.Issuer == "CN=root" && shown.Subject == "CN=cluster";
    }

    private static async Task<SslStream> ConnectAsync(ProcessCluster cluster, int silo)
    {
        var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, cluster.Member(MemberRole.Silo, silo).SiloPort);
        return new SslStream(client.GetStream());
    }

    private static async Task<int> RefusalsAsync(ProcessCluster cluster, int silo)
    {
        var count = 0;
        await foreach (var line in cluster.ReadLogAsync($"silo{silo}"))
        {
            count += line.Contains(Refusal, StringComparison.OrdinalIgnoreCase) ? 1 : 0;
        }

        return count;
    }
}
