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

    [Fact]
    public void Setting_of_each_file_is_one_that_the_hosts_know() => Assert.All(
        File.Services.Where(static service => service.Key != "redis"),
        static service =>
        {
            Assert.NotEmpty(service.Value.Environment);
            Assert.Empty(HostSettings.Faults(service.Value.Environment.ToDictionary(static pair => pair.Key, static pair => (string?)pair.Value)));
        });

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
}
