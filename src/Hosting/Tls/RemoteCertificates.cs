using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace ServerSession.Hosting;

/// <summary>Decides whether the certificate that the other side showed is accepted.</summary>
public static class RemoteCertificates
{
    /// <param name="certificate">The certificate of the other side.</param>
    /// <param name="chain">What the TLS stack built: its policy holds the usage that is asked for, its extra store the intermediates that came along.</param>
    /// <param name="errors">What the TLS stack found, with the authorities of the operating system.</param>
    /// <param name="authorities">The authorities to trust instead; null for those of the operating system.</param>
    /// <param name="checkName">Whether the name in the certificate counts.</param>
    public static bool IsAccepted(
        X509Certificate2 certificate, X509Chain? chain, SslPolicyErrors errors, X509Certificate2Collection? authorities, bool checkName)
    {
        if (errors.HasFlag(SslPolicyErrors.RemoteCertificateNotAvailable) || (checkName && errors.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch)))
        {
            return false;
        }

        if (authorities is null)
        {
            return !errors.HasFlag(SslPolicyErrors.RemoteCertificateChainErrors);
        }

        using var own = new X509Chain();
        own.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        own.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        own.ChainPolicy.DisableCertificateDownloads = true;
        own.ChainPolicy.CustomTrustStore.AddRange(authorities);
        if (chain is not null)
        {
            own.ChainPolicy.ExtraStore.AddRange(chain.ChainPolicy.ExtraStore);
            foreach (var usage in chain.ChainPolicy.ApplicationPolicy)
            {
                own.ChainPolicy.ApplicationPolicy.Add(usage);
            }
        }

        return own.Build(certificate);
    }
}
