using System.Diagnostics;
using System.Diagnostics.Metrics;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace ServerSession.Tests.Secrecy;

#pragma warning disable CA1873 // The entries are the point; nobody saves on them.
/// <summary>
/// The faults that the search is for: each gives the request's token away on one channel, in one of the ways it could happen. They show that
/// the search would find it.
/// </summary>
internal static class LeakRoutes
{
    private static readonly ActivitySource Source = new("ServerSession.Tests.Leaks");
    private static readonly Meter Meter = new("ServerSession.Tests.Leaks");
    private static readonly Counter<long> Counter = Meter.CreateCounter<long>("leaks");

    /// <summary>The ways, with the channel that each has to be found on.</summary>
    public static readonly (string Way, string Channel)[] All =
    [
        ("log message", LogRecorder.Message),
        ("cut log message", LogRecorder.Message),
        ("log parameter in bytes", LogRecorder.Parameters),
        ("log scope", LogRecorder.Scope),
        ("log exception", LogRecorder.Error),
        ("caught exception", Evidence.ExceptionChannel),
        ("exception data", Evidence.ExceptionChannel),
        ("body", "body"),
        ("header", "header"),
        ("another cookie", "header"),
        ("metric tag", TelemetryRecorder.MetricChannel),
        ("metric value", TelemetryRecorder.MetricChannel),
        ("activity name", TelemetryRecorder.ActivityChannel),
        ("activity tag", TelemetryRecorder.ActivityChannel),
        ("activity event", TelemetryRecorder.ActivityChannel),
        ("baggage", TelemetryRecorder.ActivityChannel),
        ("stored text", "file sessions.db-wal"),
        ("stored bytes", "file sessions.db"),
    ];

    public static void MapLeaks(this WebApplication app) => app.MapGet("/leak/{way}", async (string way, HttpContext context, ILogger<SecrecyHost> logger) =>
    {
        var token = context.Request.Cookies["__Host-session"]!;
        var verifier = SecretSpellings.VerifierOf(token);
        using var activity = Source.StartActivity("leak")!;
        switch (way)
        {
            case "log message": logger.LogTrace("{Text}", $"the token {token} came"); break;
            case "cut log message": logger.LogTrace("{Text}", $"{token[..40]}…"); break;
            case "log parameter in bytes": logger.LogTrace("{Verifier}", verifier); break;
            case "log scope": logger.BeginScope(new Dictionary<string, object?> { ["Token"] = Uri.HexEscape(token[0]) + token[1..] })?.Dispose(); break;
            case "log exception": logger.LogTrace(new ArgumentException(Convert.ToHexStringLower(verifier)), "failed"); break;
            case "caught exception": Catch(new ArgumentException(Convert.ToBase64String(verifier))); break;
            case "exception data": Catch(new ArgumentException("no") { Data = { ["token"] = token } }); break;
            case "body": await context.Response.WriteAsync(BitConverter.ToString(verifier)); break;
            case "header": context.Response.Headers["X-Token"] = string.Concat(token.Select(static c => $"%{(int)c:x2}")); break;
            case "another cookie": context.Response.Headers.Append("Set-Cookie", $"copy={token}"); break;
            case "metric tag": Counter.Add(1, new KeyValuePair<string, object?>("token", token)); break;
            case "metric value": Counter.Add(BitConverter.ToInt64(verifier)); break;
            case "activity name": activity.DisplayName = $"session {new Guid(verifier)}"; break;
            case "activity tag": activity.SetTag("verifier", verifier); break;
            case "activity event": activity.AddEvent(new ActivityEvent("x", tags: new() { ["token"] = token })); break;
            case "baggage": activity.AddBaggage("token", token); break;
            case "stored text": context.GetServerSession().Set("copy", token); break;
            case "stored bytes": context.Session.Set("copy", verifier); break;
            default: throw new ArgumentOutOfRangeException(nameof(way), way, "There is no such way.");
        }
    });

    private static void Catch(Exception exception)
    {
        try
        {
            throw exception;
        }
        catch (ArgumentException)
        {
            // Thrown is enough: anybody on the way may have logged it.
        }
    }
}
