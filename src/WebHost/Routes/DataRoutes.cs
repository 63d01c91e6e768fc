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

    private static async Task<IResult> ReadAsync(string key, HttpContext context, CancellationToken cancellationToken)
    {
        var (found, text) = await context.GetServerSession().TryGetAsync<string>(key, cancellationToken).ConfigureAwait(false);
        return found ? Results.Text(text) : Problem.NoValue();
    }

    private static async Task<IResult> WriteAsync(string key, HttpContext context, IOptions<ServerSessionOptions> options, CancellationToken cancellationToken)
    {
        var (text, error) = await TextBody.ReadAsync(context.Request, options.Value.Limits.ValueBytes, cancellationToken).ConfigureAwait(false);
        if (error is not null)
        {
            return error;
        }

        await context.GetServerSession().SetAsync(key, text, cancellationToken).ConfigureAwait(false);
        return Results.NoContent();
    }

    private static IResult Remove(string key, HttpContext context)
    {
        context.GetServerSession().Remove(key);
        return Results.NoContent();
    }
}
