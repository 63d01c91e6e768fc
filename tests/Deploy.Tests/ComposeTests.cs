using System.Globalization;
using YamlDotNet.Core;

namespace ServerSession.Tests;

public sealed class ComposeTests
{
    private static readonly string Text = DeployFiles.Read("compose/compose.yaml");
    private static readonly ComposeFile File = ComposeFile.Parse(Text);

    [Fact]
    public void File_has_two_silos_two_frontends_and_Redis()
    {
        Assert.Equal(["redis", "silo", "webhost-1", "webhost-2"], File.Services.Keys.Order(StringComparer.Ordinal));
        Assert.Equal(2, File.Services["silo"].Deploy!.Replicas);
        Assert.All(File.Services.Values.SelectMany(static service => service.Ports), static port => Assert.StartsWith("127.0.0.1:", port, StringComparison.Ordinal));
    }

    [Fact]
    public void Parser_is_strict_about_unknown_fields() =>
        Assert.Throws<YamlException>(static () => ComposeFile.Parse(Text.Replace("stop_grace_period", "stop_grace_perriod", StringComparison.Ordinal)));

    [Theory]
    [InlineData("silo", "Silo")]
    [InlineData("webhost-1", "WebHost")]
    [InlineData("webhost-2", "WebHost")]
    public void Setting_of_each_service_is_one_with_which_its_host_starts(string service, string host) =>
        Assert.Empty(HostSettings.Faults(host, Variables(service)));

    /// <summary>A host that is asked to stop gets the time that it may take.</summary>
    [Theory]
    [InlineData("silo", "Silo")]
    [InlineData("webhost-1", "WebHost")]
    public void Stop_of_a_service_may_take_as_long_as_its_host_needs(string service, string host)
    {
        var longest = LongestStop.Of(host, Variables(service));

        Assert.True(TimeSpan.FromSeconds(int.Parse(File.Services[service].StopGracePeriod!.TrimEnd('s'), CultureInfo.InvariantCulture)) > longest, service);
        Assert.Contains($"together {longest.TotalSeconds:0} seconds.", Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Compose_itself_takes_the_file()
    {
        Assert.SkipUnless(await Compose(["version"]) == 0, "There is no `docker compose` here.");

        Assert.Equal(0, await Compose(["-f", Path.Combine(DeployFiles.Repository, "deploy/compose/compose.yaml"), "config", "--quiet"]));
    }

    [Fact]
    public void References_lead_somewhere()
    {
        foreach (var service in File.Services.Values)
        {
            Assert.All(service.DependsOn.Keys, static name => Assert.Contains(name, File.Services.Keys));
            Assert.All(service.Volumes, static volume => Assert.Contains(volume.Split(':')[0], File.Volumes.Keys));
            if (service.Build is { } build)
            {
                Assert.True(System.IO.File.Exists(Path.Combine(DeployFiles.Repository, "deploy/compose", build.Context, build.Dockerfile)), build.Dockerfile);
            }
        }
    }

    [Fact]
    public void Containers_of_the_hosts_are_read_only_and_without_rights() => Assert.All(
        File.Services.Where(static service => service.Key != "redis"),
        static service =>
        {
            Assert.True(service.Value.ReadOnly);
            Assert.Equal(["ALL"], service.Value.CapDrop);
        });

    private static Dictionary<string, string> Variables(string service)
    {
        var variables = new Dictionary<string, string>(Dockerfile.Read(Path.GetFileNameWithoutExtension(File.Services[service].Build!.Dockerfile)).Variables);
        foreach (var (name, value) in File.Services[service].Environment)
        {
            variables[name] = value;
        }

        return variables;
    }

    /// <summary>The exit code of <c>docker compose</c>; null where there is no <c>docker</c>. What it has to say goes to this test's own output.</summary>
    private static async Task<int?> Compose(string[] arguments)
    {
        try
        {
            using var process = System.Diagnostics.Process.Start("docker", ["compose", .. arguments]);
            await process.WaitForExitAsync(TestContext.Current.CancellationToken);
            return process.ExitCode;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return null;
        }
    }
}
