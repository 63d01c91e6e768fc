using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Options;

namespace ServerSession.AspNetCore;

/// <summary>
/// ASP.NET Core's own session middleware, wherever it stands, puts its session into the request. It reads its options when the pipeline is
/// built, that is, at start: there it is refused.
/// </summary>
internal sealed class NoSessionMiddleware : IValidateOptions<SessionOptions>
{
    public ValidateOptionsResult Validate(string? name, SessionOptions options) => ValidateOptionsResult.Fail(
        "app.UseSession() would put ASP.NET Core's own session in the place of the one that AddServerSession().AddAspNetCoreSession() provides: " +
        "remove app.UseSession() and builder.Services.AddSession(). The options of AddSession are settings of ServerSession.");
}
