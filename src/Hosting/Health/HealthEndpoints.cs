using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace ServerSession.Hosting;

/// <summary>The two questions an orchestrator asks.</summary>
public static class HealthEndpoints
{
    /// <summary>By default the framework's health endpoint answers every method.</summary>
    private static readonly HttpMethodMetadata Reads = new([HttpMethods.Get, HttpMethods.Head]);

    /// <summary>
    /// Maps <c>GET /health/live</c> (the process answers: restart it otherwise) and <c>GET /health/ready</c> (it can serve sessions: send it
    /// traffic), <c>HEAD</c> as well; another method is 405. Plain text when healthy; 503 problem details that name what is missing when not.
    /// </summary>
    public static void MapHealth(this WebApplication app)
    {
        ArgumentNullException.ThrowIfNull(app);
        app.MapHealthChecks("/health/live", new HealthCheckOptions { Predicate = static _ => false, ResponseWriter = WriteAsync })
            .WithMetadata(Reads);
        app.MapHealthChecks("/health/ready", new HealthCheckOptions
        {
            Predicate = static check => check.Tags.Contains(HealthTags.Ready),
            ResponseWriter = WriteAsync,
        }).WithMetadata(Reads);
    }

    private static Task WriteAsync(HttpContext context, HealthReport report)
    {
        if (report.Status == HealthStatus.Healthy)
        {
            return Results.Text("Healthy").ExecuteAsync(context);
        }

        var missing = report.Entries.Where(static entry => entry.Value.Status != HealthStatus.Healthy)
            .Select(static entry => entry.Value.Description ?? $"{entry.Key} is {entry.Value.Status}.");
        return Results.Problem(
            statusCode: StatusCodes.Status503ServiceUnavailable,
            title: "Not ready",
            detail: string.Join(" ", missing)).ExecuteAsync(context);
    }
}
