namespace ServerSession.Tests;

/// <summary>TLS between a frontend and a silo, as separate processes with certificates made on the spot.</summary>
public sealed class TlsTests
{
    private const string Certificate = "--ServerSession:Tls:CertificateFile=";
    private const string Key = "--ServerSession:Tls:KeyFile=";
    private const string AuthorityFile = "--ServerSession:Tls:AuthorityFile=";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Frontend_with_a_certificate_of_the_authority_uses_sessions_through_an_intermediate()
    {
        using var folder = new TempFolder();
        using var root = Authority.Create("root");
        using var intermediate = root.Intermediate("intermediate");
        var silo = new WebHostSite(folder.Path);
        await using var siloProcess = await HostProcess.StartAsync("Silo", folder.Path, [.. silo.Arguments, .. Settings(folder, root, intermediate.Issue(folder, "silo"))]);
        var frontend = new WebHostSite(folder.Path);

        await using var process = await frontend.StartReadyAsync([.. ClientOf(silo), .. Settings(folder, root, root.Issue(folder, "frontend")), "--ServerSession:Tls:TargetHost=silo"]);
        using var browser = frontend.Browse();
        await browser.SaveQuoteAsync("encrypted on its way");

        Assert.Equal("encrypted on its way", await browser.ReadQuoteAsync());
    }

    [Theory]
    [InlineData("foreign")]
    [InlineData("none")]
    public async Task Frontend_without_a_certificate_of_the_authority_is_turned_away(string certificate)
    {
        using var folder = new TempFolder();
        using var root = Authority.Create("root");
        using var foreign = Authority.Create("foreign");
        var silo = new WebHostSite(folder.Path);
        await using var siloProcess = await HostProcess.StartAsync("Silo", folder.Path, [.. silo.Arguments, .. Settings(folder, root, root.Issue(folder, "silo"))]);
        var frontend = new WebHostSite(folder.Path);
        // The frontend trusts both, so that only the silo's refusal can be what ends the connection.
        await File.WriteAllTextAsync(folder["both.pem"], $"{root.Pem}\n{foreign.Pem}", Cancellation);
        var files = foreign.Issue(folder, "frontend");
        string[] settings = certificate == "none"
            ? [AuthorityFile + folder["both.pem"]]
            : [AuthorityFile + folder["both.pem"], Certificate + files.Certificate, Key + files.Key];

        await using var process = HostProcess.Launch("WebHost", folder.Path, [.. frontend.Arguments, .. ClientOf(silo), .. settings]);
        await UntilAsync(() => siloProcess.Output.Contains("Authentication failed", StringComparison.OrdinalIgnoreCase) || process.ExitCode is not null);

        Assert.Null(process.ExitCode);
        Assert.Contains("Authentication failed", siloProcess.Output, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task Frontend_does_not_trust_a_silo_of_another_authority()
    {
        using var folder = new TempFolder();
        using var root = Authority.Create("root");
        using var foreign = Authority.Create("foreign");
        var silo = new WebHostSite(folder.Path);
        await using var siloProcess = await HostProcess.StartAsync(
            "Silo", folder.Path, [.. silo.Arguments, .. Settings(folder, foreign, foreign.Issue(folder, "silo")), "--ServerSession:Tls:RequireClientCertificate=false"]);
        var frontend = new WebHostSite(folder.Path);

        await using var process = HostProcess.Launch("WebHost", folder.Path, [.. frontend.Arguments, .. ClientOf(silo), .. Settings(folder, root, root.Issue(folder, "frontend"))]);
        await UntilAsync(() => process.Output.Contains("Authentication failed", StringComparison.OrdinalIgnoreCase) || process.ExitCode is not null);

        Assert.Null(process.ExitCode);
    }

    [Theory]
    [InlineData("missing", "ServerSession:Tls:CertificateFile is ", "give a readable PEM file")]
    [InlineData("empty", "ServerSession:Tls:CertificateFile is ", "it holds no certificate")]
    [InlineData("other key", "ServerSession:Tls:KeyFile is ", "certificate's own private key")]
    [InlineData("no key", "ServerSession:Tls:CertificateFile is ", "certificate's own private key")]
    [InlineData("expired", "ServerSession:Tls:CertificateFile is ", "Renew it")]
    [InlineData("client only", "ServerSession:Tls:CertificateFile is ", "lacks server authentication")]
    [InlineData("server only", "ServerSession:Tls:CertificateFile is ", "lacks client authentication")]
    [InlineData("other authority", "ServerSession:Tls:CertificateFile is ", "does not come from the authorities")]
    [InlineData("no authority", "ServerSession:Tls:AuthorityFile is not set", "name the PEM file of the authority")]
    [InlineData("authority only", "ServerSession:Tls:CertificateFile is not set", "a silo with TLS needs a separate certificate")]
    [InlineData("key only", "ServerSession:Tls:CertificateFile is not set", "name the PEM file of the certificate, or remove them")]
    [InlineData("typo", "ServerSession:Tls:CertFile is no setting", "CertificateFile")]
    public async Task Start_with_a_wrong_tls_setting_names_key_and_fix(string fault, string key, string fix)
    {
        using var folder = new TempFolder();
        using var root = Authority.Create("root");
        using var foreign = Authority.Create("foreign");
        var good = root.Issue(folder, "silo");
        await File.WriteAllTextAsync(folder["empty.pem"], "nothing", Cancellation);
        await File.WriteAllTextAsync(folder["root.pem"], root.Pem, Cancellation);
        var authority = AuthorityFile + folder["root.pem"];
        string[] settings = fault switch
        {
            "missing" => [Certificate + folder["nowhere.pem"], Key + good.Key, authority],
            "empty" => [Certificate + folder["empty.pem"], Key + good.Key, authority],
            "other key" => [Certificate + good.Certificate, Key + root.Issue(folder, "other").Key, authority],
            "no key" => [Certificate + good.Certificate, authority],
            "expired" => Settings(folder, root, root.Issue(folder, "old", validDays: -1)),
            "client only" => Settings(folder, root, root.Issue(folder, "client", server: false)),
            "server only" => Settings(folder, root, root.Issue(folder, "server", client: false)),
            "other authority" => Settings(folder, root, foreign.Issue(folder, "stranger")),
            "no authority" => [Certificate + good.Certificate, Key + good.Key],
            "authority only" => [authority],
            "key only" => [Key + good.Key],
            _ => [.. Settings(folder, root, good), "--ServerSession:Tls:CertFile=x"],
        };

        var (exitCode, output) = await HostProcess.RunAsync("Silo", folder.Path, [.. new WebHostSite(folder.Path).Arguments, .. settings]);

        Assert.Equal(1, exitCode);
        var line = Assert.Single(output.Split('\n'), text => text.Contains(key, StringComparison.Ordinal));
        Assert.Contains(fix, line, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", output, StringComparison.Ordinal);
    }

    private static string[] ClientOf(WebHostSite silo) =>
    [
        "--ServerSession:Mode=Client",
        "--Orleans:Clustering:ProviderType=Static",
        $"--Orleans:Clustering:Gateways:0=127.0.0.1:{silo.GatewayPort}",
    ];

    private static string[] Settings(TempFolder folder, Authority authority, (string Certificate, string Key) files)
    {
        var authorityFile = folder[$"{Path.GetFileName(files.Certificate)}.authority"];
        File.WriteAllText(authorityFile, authority.Pem);
        return [Certificate + files.Certificate, Key + files.Key, AuthorityFile + authorityFile];
    }

    private static Task UntilAsync(Func<bool> condition) => Eventually.HoldsAsync(condition, static () => "the connection was refused");
}
