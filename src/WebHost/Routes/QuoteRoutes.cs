using Microsoft.Extensions.Options;

namespace ServerSession.WebHost;

/// <summary>The quote: the text that the page edits.</summary>
internal static class QuoteRoutes
{
    private const string Key = "quote";
    private const string Initial = "initial quote";

    public static void MapQuote(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/session/quote", ReadAsync);
        routes.MapPut("/session/quote/update", UpdateAsync);
    }

    private static async Task<IResult> ReadAsync(HttpContext context, CancellationToken cancellationToken)
    {
        var session = context.GetServerSession();
        var (found, quote) = await session.TryGetAsync<string>(Key, cancellationToken).ConfigureAwait(false);
        return Results.Text(found ? quote : await session.GetOrSetAsync(Key, Initial, cancellationToken).ConfigureAwait(false));
    }

    private static async Task<IResult> UpdateAsync(HttpContext context, IOptions<ServerSessionOptions> options, CancellationToken cancellationToken)
    {
        var (text, error) = await TextBody.ReadAsync(context.Request, options.Value.Limits.ValueBytes, cancellationToken).ConfigureAwait(false);
        if (error is not null)
        {
            return error;
        }

        context.GetServerSession().Set(Key, text);
        return Results.Text(text);
    }
}
