using Microsoft.Extensions.Configuration;
using ServerSession.Hosting;

namespace ServerSession.Tests;

/// <summary>Every wrong TLS setting, on a silo and on a frontend, is refused with its key and the fix.</summary>
public sealed class TlsSettingsTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly Authority _root = Authority.Create("root");

    public TlsSettingsTests() => File.WriteAllText(_folder["root.pem"], _root.Pem);

    public void Dispose()
    {
        _root.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [InlineData("AuthorityFile", "nowhere.pem", "give a readable PEM file with a certificate")]
    [InlineData("AuthorityFile", "empty.pem", "it holds no certificate")]
    [InlineData("AuthorityFile", "garbage.pem", "give a readable PEM file with a certificate")]
    [InlineData("AuthorityFile", "folder", "give a readable PEM file with a certificate")]
    [InlineData("KeyFile", "nowhere.pem", "give the PEM file of the certificate's own private key")]
    [InlineData("KeyFile", "empty.pem", "give the PEM file of the certificate's own private key")]
    [InlineData("KeyFile", "garbage.pem", "give the PEM file of the certificate's own private key")]
    [InlineData("KeyFile", "encrypted.pem", "not encrypted")]
    [InlineData("CertificateFile", "garbage.pem", "give a readable PEM file with a certificate")]
    public void File_that_cannot_be_used_is_named_with_its_key_and_the_fix(string key, string file, string fix)
    {
        Directory.CreateDirectory(_folder["folder"]);
        File.WriteAllText(_folder["empty.pem"], "nothing");
        File.WriteAllText(_folder["garbage.pem"], "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
        using (var secret = System.Security.Cryptography.ECDsa.Create())
        {
            File.WriteAllText(_folder["encrypted.pem"], secret.ExportEncryptedPkcs8PrivateKeyPem(
                "password", new(System.Security.Cryptography.PbeEncryptionAlgorithm.Aes256Cbc, System.Security.Cryptography.HashAlgorithmName.SHA256, 1000)));
        }

        foreach (var isSilo in (bool[])[true, false])
        {
            var settings = Good("process");
            settings[key] = _folder[file];

            var fault = Assert.Single(Faults(isSilo, settings));

            Assert.StartsWith($"ServerSession:Tls:{key} is {_folder[file]}: ", fault, StringComparison.Ordinal);
            Assert.Contains(fix, fault, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Flag_that_is_none_is_named()
    {
        var settings = Good("process");
        settings["RequireClientCertificate"] = "maybe";

        Assert.Equal("ServerSession:Tls:RequireClientCertificate is \"maybe\"; write true or false.", Assert.Single(Faults(isSilo: true, settings)));
    }

    [Theory]
    [InlineData("TargetHost", "silo")]
    [InlineData("KeyFile", "silo.key")]
    public void Setting_without_the_files_is_refused_on_silos_and_frontends(string key, string value)
    {
        foreach (var isSilo in (bool[])[true, false])
        {
            Assert.Contains(
                "ServerSession:Tls:CertificateFile is not set, but other settings of ServerSession:Tls are", Assert.Single(Faults(isSilo, new() { [key] = value })), StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Frontend_needs_no_certificate_and_one_for_clients_only()
    {
        Assert.Empty(Faults(isSilo: false, new() { ["AuthorityFile"] = _folder["root.pem"] }));
        var client = _root.Issue(_folder, "client", server: false);
        Assert.Empty(Faults(isSilo: false, Settings(client)));
        Assert.Contains("lacks server authentication", Assert.Single(Faults(isSilo: true, Settings(client))), StringComparison.Ordinal);
        Assert.Contains("lacks client authentication", Assert.Single(Faults(isSilo: false, Settings(_root.Issue(_folder, "server", client: false)))), StringComparison.Ordinal);
    }

    private Dictionary<string, string?> Good(string name) => Settings(_root.Issue(_folder, name));

    private Dictionary<string, string?> Settings((string Certificate, string Key) files) =>
        new() { ["CertificateFile"] = files.Certificate, ["KeyFile"] = files.Key, ["AuthorityFile"] = _folder["root.pem"] };

    private static IEnumerable<string> Faults(bool isSilo, Dictionary<string, string?> settings)
    {
        var configuration = new ConfigurationBuilder()
            .AddInMemoryCollection(settings.Select(static setting => KeyValuePair.Create($"ServerSession:Tls:{setting.Key}", setting.Value))).Build();
        var options = new SessionTlsOptions();
        new SessionTlsConfiguration(configuration).Configure(options);
        return new SessionTlsOptionsValidator(isSilo, TimeProvider.System).Validate(null, options).Failures ?? [];
    }
}
