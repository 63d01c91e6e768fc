namespace ServerSession.WebHost;

/// <summary>Gives every error that has no body yet problem details: unknown addresses, wrong methods, malformed requests, failures.</summary>
internal static class ProblemAnswers
{
    public static void UseProblemAnswers(this WebApplication app)
    {
        app.UseExceptionHandler(static handler => handler.Run(static context => Answer(context).ExecuteAsync(context)));
        app.UseStatusCodePages(static pages => Answer(pages.HttpContext).ExecuteAsync(pages.HttpContext));
    }

    private static IResult Answer(HttpContext context) => context.Response.StatusCode switch
    {
        StatusCodes.Status400BadRequest => Problem.BadRequest("The server cannot read this request."),
        StatusCodes.Status404NotFound => Problem.Of(404, "Not found", $"There is nothing at {context.Request.Path}."),
        StatusCodes.Status405MethodNotAllowed => Problem.Of(
            405,
            "Method not allowed",
            $"{context.Request.Path} does not answer {context.Request.Method}; it answers {context.Response.Headers.Allow}."),
        StatusCodes.Status500InternalServerError => Problem.Of(500, "Internal error", "The server failed on this request. Its log tells why."),
        var status => Problem.Of(status, title: null, "The request was not served."),
    };
}
