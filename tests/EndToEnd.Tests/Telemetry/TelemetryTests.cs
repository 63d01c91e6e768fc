namespace ServerSession.Tests;

/// <summary>What leaves a host where an OTLP endpoint is set.</summary>
public sealed class TelemetryTests
{
    [Fact]
    public async Task Host_with_an_endpoint_sends_the_metrics_of_all_tiers_and_the_trace_of_a_request_into_the_grain()
    {
        using var folder = new TempFolder();
        await using var collector = await Collector.StartAsync();
        var site = new WebHostSite(folder.Path);
        await using var host = await site.StartAsync(
            $"--OTEL_EXPORTER_OTLP_ENDPOINT={collector.Address}",
            "--OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf",
            "--OTEL_METRIC_EXPORT_INTERVAL=200",
            "--OTEL_BSP_SCHEDULE_DELAY=200");
        using var browser = site.Browse();

        await browser.SaveQuoteAsync("measured");

        await collector.WaitForAsync("metrics", "server_session.operation.duration", "server_session.created", "server_session.sqlite.commit.duration");
        await collector.WaitForAsync("traces", "Microsoft.AspNetCore", "Microsoft.Orleans.Application", "ISessionGrain");
    }
}
