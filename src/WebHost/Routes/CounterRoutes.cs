using System.Globalization;

namespace ServerSession.WebHost;

/// <summary>Counters: numbers that are added to by the session grain, so that parallel requests do not lose one another's.</summary>
internal static class CounterRoutes
{
    public static void MapCounters(this IEndpointRouteBuilder routes) =>
        routes.MapPost("/session/increment/{**key:minlength(1)}", IncrementAsync);

    private static async Task<IResult> IncrementAsync(HttpContext context, CancellationToken cancellationToken)
    {
        if (!PathKey.TryRead(context, out var key, out var malformed))
        {
            return malformed;
        }

        var number = await context.GetServerSession().IncrementAsync(key, cancellationToken: cancellationToken).ConfigureAwait(false);
        return Results.Text(number.ToString(CultureInfo.InvariantCulture));
    }
}
