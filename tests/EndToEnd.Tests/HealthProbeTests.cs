using System.Globalization;

namespace ServerSession.Tests;

/// <summary>The health check of the containers: the host's own executable.</summary>
public sealed class HealthProbeTests
{
    [Fact]
    public async Task Check_health_ready_host_ends_with_0_and_a_stopped_one_with_1()
    {
        using var folder = new TempFolder();
        var site = new WebHostSite(folder.Path);
        var everyAddress = string.Create(CultureInfo.InvariantCulture, $"http://+:{site.HttpPort}");
        await using (var process = await site.StartAsync())
        {
            var stalls = Stalls.Total;
            var probe = await ProbeAsync();

            // A probe waits for two seconds, for which a busy machine may stand still; whoever probes asks again.
            if (probe is not (0, "Healthy") && await Stalls.ExcuseAsync($"the probe ended with {probe}", stalls))
            {
                probe = await ProbeAsync();
            }

            Assert.Equal((0, "Healthy"), probe);
        }

        var stopped = await HostProcess.RunAsync("WebHost", folder.Path, "check-health", "--urls", everyAddress);
        Assert.Equal(1, stopped.ExitCode);
        Assert.Contains("does not answer", stopped.Output, StringComparison.Ordinal);

        async Task<(int ExitCode, string Output)> ProbeAsync()
        {
            var (exitCode, output) = await HostProcess.RunAsync("WebHost", folder.Path, "check-health", "--urls", everyAddress);
            return (exitCode, output.Trim());
        }
    }

    [Fact]
    public async Task Start_with_a_Kubernetes_setting_that_is_no_switch_names_the_key()
    {
        using var folder = new TempFolder();
        var (exitCode, output) = await HostProcess.RunAsync("Silo", folder.Path, [.. new WebHostSite(folder.Path).Arguments, "--ServerSession:Kubernetes=maybe"]);

        Assert.Equal(1, exitCode);
        Assert.Contains("ServerSession:Kubernetes is \"maybe\"; write true or false.", output, StringComparison.Ordinal);
    }
}
