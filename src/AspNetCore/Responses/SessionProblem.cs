using System.Buffers;
using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace ServerSession.AspNetCore;

/// <summary>The answer that stands in for the application's where its session's changes could not be committed (RFC 9457).</summary>
internal readonly record struct SessionProblem(int Status, string Title, string Detail, bool RetryLater = false)
{
    /// <summary>The answer to an exception of a session; null for any other exception.</summary>
    public static SessionProblem? Of(Exception exception) => exception switch
    {
        SessionUnavailableException => new SessionProblem(
            StatusCodes.Status503ServiceUnavailable, "The session cannot be reached", "The session cannot be reached now. Repeat the request later.", RetryLater: true),
        SessionPreloadException => new SessionProblem(
            StatusCodes.Status503ServiceUnavailable, "Not for a preload", exception.Message),
        SessionCrossSiteException => new SessionProblem(
            StatusCodes.Status403Forbidden, "Cross-site request", exception.Message),
        SessionEndedException { Outcome: SessionOutcome.Stale } => new SessionProblem(
            StatusCodes.Status409Conflict, "The session's token was replaced", exception.Message),
        SessionEndedException => new SessionProblem(
            StatusCodes.Status409Conflict, "The session has ended", exception.Message),
        SessionSubjectLimitException => new SessionProblem(
            StatusCodes.Status409Conflict, "Too many sessions", exception.Message),
        SessionLimitException => new SessionProblem(
            StatusCodes.Status413PayloadTooLarge, "The session is too large", exception.Message),
        SessionValueException { RefusedByGrain: true } => new SessionProblem(
            StatusCodes.Status422UnprocessableEntity, "The session's value does not allow this", exception.Message),
        _ => null,
    };

    public void WriteHeaders(IHeaderDictionary headers, int length, TimeSpan retryAfter)
    {
        headers.ContentType = "application/problem+json";
        headers.ContentLength = length;
        headers.CacheControl = "no-store";
        if (RetryLater)
        {
            headers.RetryAfter = ((int)Math.Ceiling(retryAfter.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
        }
    }

    public ReadOnlyMemory<byte> ToJson()
    {
        var buffer = new ArrayBufferWriter<byte>(256);
        using var json = new Utf8JsonWriter(buffer);
        json.WriteStartObject();
        json.WriteString("title", Title);
        json.WriteNumber("status", Status);
        json.WriteString("detail", Detail);
        json.WriteEndObject();
        json.Flush();
        return buffer.WrittenMemory;
    }
}
