using Microsoft.Extensions.Options;

namespace ServerSession.WebHost;

/// <summary>Any key of the session, as text.</summary>
internal static class DataRoutes
{
    private const string Route = "/session/data/{**key:minlength(1)}";

    public static void MapData(this IEndpointRouteBuilder routes)
    {
        routes.MapGet(Route, ReadAsync);
        routes.MapPut(Route, WriteAsync);
        routes.MapDelete(Route, Remove);
    }

    private static async Task<IResult> ReadAsync(HttpContext context, CancellationToken cancellationToken)
    {
        if (!PathKey.TryRead(context, out var key, out var malformed))
        {
            return malformed;
        }

        var (found, text) = await context.GetServerSession().TryGetAsync<string>(key, cancellationToken).ConfigureAwait(false);
        return found ? Results.Text(text) : Problem.NoValue();
    }

    private static async Task<IResult> WriteAsync(HttpContext context, IOptions<ServerSessionOptions> options, CancellationToken cancellationToken)
    {
        if (!PathKey.TryRead(context, out var key, out var malformed))
        {
            return malformed;
        }

        var (text, error) = await TextBody.ReadAsync(context.Request, options.Value.Limits.ValueBytes, cancellationToken).ConfigureAwait(false);
        if (error is not null)
        {
            return error;
        }

        context.GetServerSession().Set(key, text);
        return Results.NoContent();
    }

    private static IResult Remove(HttpContext context)
    {
        if (!PathKey.TryRead(context, out var key, out var malformed))
        {
            return malformed;
        }

        context.GetServerSession().Remove(key);
        return Results.NoContent();
    }
}
