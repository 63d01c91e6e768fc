namespace ServerSession.WebHost;

/// <summary>Errors as problem details (RFC 9457) whose detail is a sentence for the reader.</summary>
internal static class Problem
{
    public static IResult BadRequest(string detail) => Of(StatusCodes.Status400BadRequest, "Bad request", detail);

    public static IResult CrossSite() => Of(
        StatusCodes.Status403Forbidden,
        "Cross-site request",
        "This request comes from another site, and only pages of this site may change a session.");

    public static IResult OtherOrigin(string origin, HostString host) => Of(
        StatusCodes.Status403Forbidden,
        "Cross-site request",
        $"This request's Origin is {RequestOrigin.Quote(origin)}, but it came to the Host {RequestOrigin.Quote(host.Value)}, and only pages of this site may change a session. "
        + "If both are one site behind a proxy, let the proxy pass the Host header on unchanged, or let it send X-Forwarded-Host and name it in ServerSession:TrustedProxies.");

    public static IResult NoSession() => Of(
        StatusCodes.Status404NotFound,
        "No session",
        "There is no session: none was started with this browser, or it has ended. Saving something starts one.");

    public static IResult NoValue() => Of(StatusCodes.Status404NotFound, "No value", "The session has no value under this key.");

    public static IResult BodyTooLarge(int limit) => Of(
        StatusCodes.Status413PayloadTooLarge,
        "Too large",
        FormattableString.Invariant($"The text is larger than {limit} bytes, the most that one value of a session may have (ServerSession:Limits:ValueBytes)."));

    public static IResult TooManyStreams() => Of(
        StatusCodes.Status429TooManyRequests,
        "Too many streams",
        FormattableString.Invariant($"This session has {EventStreams.Most} streams of events open here already, which is the most. Close a page that listens to it."));

    public static IResult Of(int status, string? title, string? detail) => Results.Problem(statusCode: status, title: title, detail: detail);
}
