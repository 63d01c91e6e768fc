using System.Globalization;

namespace ServerSession.WebHost;

/// <summary>The session itself: what is known of it, a new token for it, its end.</summary>
internal static class SessionRoutes
{
    private const int MaximumDelay = 30_000;

    public static void MapSession(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/session", DescribeAsync);
        routes.MapPost("/session/rotate", RotateAsync);
        routes.MapPost("/session/destroy", DestroyAsync);
    }

    private static async Task<IResult> DescribeAsync(HttpContext context, CancellationToken cancellationToken)
    {
        var session = context.GetServerSession();
        if (!await session.ExistsAsync(cancellationToken).ConfigureAwait(false))
        {
            return Problem.NoSession();
        }

        return Results.Ok(new
        {
            Id = session.Id.ToString(),
            session.CreatedAt,
            session.ExpiresAt,
            RemainingSeconds = Math.Floor(session.Remaining.GetValueOrDefault().TotalSeconds),
            Keys = await session.GetKeysAsync(cancellationToken).ConfigureAwait(false),
        });
    }

    private static async Task<IResult> RotateAsync(HttpContext context, CancellationToken cancellationToken)
    {
        var session = context.GetServerSession();
        if (!await session.ExistsAsync(cancellationToken).ConfigureAwait(false))
        {
            return Problem.NoSession();
        }

        await session.RotateAsync(cancellationToken).ConfigureAwait(false);
        return Results.NoContent();
    }

    private static async Task<IResult> DestroyAsync(
        HttpContext context, string? delayMs, TimeProvider time, IHostApplicationLifetime lifetime, CancellationToken cancellationToken)
    {
        var delay = 0;
        if (delayMs is not null
            && (!int.TryParse(delayMs, NumberStyles.None, CultureInfo.InvariantCulture, out delay) || delay > MaximumDelay))
        {
            return Problem.BadRequest($"delayMs must be a whole number of milliseconds from 0 to {MaximumDelay}.");
        }

        await context.GetServerSession().DestroyAsync(cancellationToken).ConfigureAwait(false);
        if (delay > 0)
        {
            // The session is gone by now; a shutdown of the host only makes the answer come earlier.
            using var wait = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, lifetime.ApplicationStopping);
            await Task.Delay(TimeSpan.FromMilliseconds(delay), time, wait.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        return Results.NoContent();
    }
}
