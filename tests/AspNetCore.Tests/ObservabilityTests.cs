using System.Diagnostics.Metrics;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.Metrics.Testing;

namespace ServerSession.Tests;

/// <summary>What is measured, and that no token, key or value is ever logged (guarantee: the token is a secret).</summary>
public sealed class ObservabilityTests
{
    private const string SecretKey = "the-secret-key-name";
    private const string SecretValue = "the-secret-value";

    private static void Map(WebApplication app)
    {
        app.MapGet("/set", (HttpContext context) => context.GetServerSession().Set(SecretKey, SecretValue));
        app.MapGet("/read", async (HttpContext context) => await context.GetServerSession().GetAsync<string>(SecretKey) ?? "none");
        app.MapGet("/wrong", async (HttpContext context) => await context.GetServerSession().GetAsync<int>(SecretKey));
        app.MapGet("/increment", async (HttpContext context) => await context.GetServerSession().IncrementAsync(SecretKey));
        app.MapGet("/rotate", async (HttpContext context) => await context.GetServerSession().RotateAsync());
        app.MapGet("/destroy", async (HttpContext context) => await context.GetServerSession().DestroyAsync());
    }

    [Fact]
    public async Task Operations_are_measured_by_outcome()
    {
        await using var app = await TestApp.StartAsync(Map);
        using var durations = new MetricCollector<double>(app.Services.GetRequiredService<IMeterFactory>(), ServerSessionMetrics.MeterName, "server_session.operation.duration");
        using var invalid = new MetricCollector<long>(app.Services.GetRequiredService<IMeterFactory>(), ServerSessionMetrics.MeterName, "server_session.invalid_tokens");
        using var refused = new MetricCollector<long>(app.Services.GetRequiredService<IMeterFactory>(), ServerSessionMetrics.MeterName, "server_session.refused_responses");

        var token = await app.NewSessionAsync();
        await app.SendAsync("/read", token);
        await app.SendAsync("/set", token);
        await app.SendAsync("/increment", token);
        var rotated = (await app.SendAsync("/rotate", token)).Token();
        await app.SendAsync("/read", token);
        await app.SendAsync("/destroy", rotated);
        await app.SendAsync("/read", rotated);
        await app.SendAsync("/read", new string('A', SessionToken.EncodedLength));

        Assert.Equal(
            ["create created", "open opened", "commit committed", "commit mismatch", "open opened", "rotate committed", "open stale", "destroy destroyed", "open gone"],
            durations.GetMeasurementSnapshot().Select(static measurement => $"{measurement.Tags["operation"]} {measurement.Tags["outcome"]}"));
        Assert.Equal(1, invalid.GetMeasurementSnapshot().Sum(static measurement => measurement.Value));
        Assert.Equal(422, refused.GetMeasurementSnapshot().Single().Tags["http.response.status_code"]);
    }

    [Fact]
    public async Task Logs_at_trace_level_hold_no_token_key_or_value()
    {
        await using var app = await TestApp.StartAsync(new TestSetup { Server = Server.Http1, Inside = Map, Outside = static app => app.UseExceptionHandler(static _ => { }) });
        var token = await app.NewSessionAsync();
        var rotated = (await app.SendAsync("/rotate", token)).Token()!;
        foreach (var path in new[] { "/read", "/wrong", "/increment", "/set" })
        {
            await app.SendAsync(path, rotated);
        }

        app.Store.Before = static _ => throw new SessionUnavailableException();
        await app.SendAsync("/set", rotated);
        await app.SendAsync("/read", rotated);
        app.Store.Before = static _ => Task.CompletedTask;
        await app.SendAsync("/destroy", rotated);

        Assert.Contains(app.Logs.Lines, static line => line.Contains("ResponseRefused", StringComparison.Ordinal));
        foreach (var secret in new[] { token, rotated, SecretKey, SecretValue })
        {
            Assert.DoesNotContain(app.Logs.Lines, line => line.Contains(secret, StringComparison.Ordinal));
        }
    }
}
