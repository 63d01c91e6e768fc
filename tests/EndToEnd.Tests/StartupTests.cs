using System.Net;
using System.Net.Sockets;

namespace ServerSession.Tests;

/// <summary>A start that cannot succeed says why, all of it, in the reader's words, and exits with an error.</summary>
public sealed class StartupTests
{
    [Fact]
    public async Task Start_with_many_wrong_settings_reports_all_in_one_message()
    {
        using var folder = new TempFolder();
        var site = new WebHostSite(folder.Path);
        var (exitCode, output) = await HostProcess.RunAsync(
            "WebHost",
            folder.Path,
            [
                .. site.Arguments,
                "--ServerSession:IdleTimeout=soon",
                "--ServerSession:AbsoluteLifetime=400.00:00:00",
                "--ServerSession:Durability=Eternal",
                "--ServerSession:Limits:ValueBytes=0",
                "--ServerSession:Limits:Changes=5",
                "--ServerSession:TouchFraction=7",
                "--ServerSession:OperationWindow=00:00:05",
                "--ServerSession:IdelTimeout=00:20:00",
                "--ServerSession:Mode=Both",
                "--Orleans:Endpoints:AdvertisedIPAddress=here",
            ]);

        Assert.Equal(1, exitCode);
        Assert.All(
            [
                "ServerSession:IdleTimeout is", "ServerSession:AbsoluteLifetime is", "ServerSession:Durability is", "ServerSession:Limits:ValueBytes is",
                "ServerSession:TouchFraction is", "ServerSession:IdelTimeout is", "ServerSession:Limits:Changes is no setting", "ServerSession:RetryBudget is", "ServerSession:Mode is", "Orleans:Endpoints:AdvertisedIPAddress is",
            ],
            key => Assert.Single(output.Split('\n'), line => line.Contains(key, StringComparison.Ordinal)));
        AssertNoStackTrace(output);
    }

    [Fact]
    public async Task Start_with_a_data_folder_that_is_not_writable_names_key_and_fix()
    {
        using var folder = new TempFolder();
        await File.WriteAllTextAsync(folder["file"], "");
        var (exitCode, output) = await HostProcess.RunAsync(
            "WebHost", folder.Path, [.. new WebHostSite(folder.Path).Arguments, $"--ServerSession:DataDirectory={folder["file/data"]}"]);

        Assert.Equal(1, exitCode);
        Assert.Contains("ServerSession:DataDirectory is ", output, StringComparison.Ordinal);
        Assert.Contains("Make the folder writable", output, StringComparison.Ordinal);
        AssertNoStackTrace(output);
    }

    [Theory]
    [InlineData("--urls")]
    [InlineData("Orleans:Endpoints:SiloPort")]
    [InlineData("Orleans:Endpoints:GatewayPort")]
    public async Task Start_on_a_port_in_use_names_it_and_exits_1(string key)
    {
        using var folder = new TempFolder();
        var site = new WebHostSite(folder.Path);
        var port = key switch { "--urls" => site.HttpPort, "Orleans:Endpoints:SiloPort" => site.SiloPort, _ => site.GatewayPort };
        using var other = new TcpListener(IPAddress.Loopback, port);
        other.Start();

        var (exitCode, output) = await HostProcess.RunAsync("WebHost", folder.Path, site.Arguments);

        Assert.Equal(1, exitCode);
        Assert.Contains($"{key}: ", output, StringComparison.Ordinal);
        Assert.Contains($"127.0.0.1:{port} cannot be used", output, StringComparison.Ordinal);
        AssertNoStackTrace(output);
    }

    [Fact]
    public async Task Start_of_a_client_without_clustering_outside_development_names_the_key()
    {
        using var folder = new TempFolder();
        var (exitCode, output) = await HostProcess.RunAsync(
            "WebHost", folder.Path, [.. new WebHostSite(folder.Path).Arguments, "--environment", "Production", "--ServerSession:Mode=Client"]);

        Assert.Equal(1, exitCode);
        Assert.Contains("Orleans:Clustering:ProviderType is not set", output, StringComparison.Ordinal);
    }

    private static void AssertNoStackTrace(string output) => Assert.DoesNotContain("   at ", output, StringComparison.Ordinal);
}
