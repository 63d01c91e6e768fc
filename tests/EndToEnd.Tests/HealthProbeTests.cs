using System.Globalization;

namespace ServerSession.Tests;

/// <summary>The health check of the containers: the host's own executable.</summary>
public sealed class HealthProbeTests
{
    private const int Probes = 5;

    [Fact]
    public async Task Check_health_ready_host_ends_with_0_and_a_stopped_one_with_1()
    {
        using var folder = new TempFolder();
        var site = new WebHostSite(folder.Path);
        var everyAddress = string.Create(CultureInfo.InvariantCulture, $"http://+:{site.HttpPort}");
        await using (var process = await site.StartAsync())
        {
            // A probe waits for two seconds, which is less than a busy machine may take; whoever probes asks again.
            (int ExitCode, string Output) probe = default;
            for (var attempt = 0; attempt < Probes && probe is not (0, "Healthy"); attempt++)
            {
                probe = await HostProcess.RunAsync("WebHost", folder.Path, "check-health", "--urls", everyAddress);
                probe.Output = probe.Output.Trim();
            }

            Assert.Equal((0, "Healthy"), probe);
        }

        var stopped = await HostProcess.RunAsync("WebHost", folder.Path, "check-health", "--urls", everyAddress);
        Assert.Equal(1, stopped.ExitCode);
        Assert.Contains("does not answer", stopped.Output, StringComparison.Ordinal);
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
