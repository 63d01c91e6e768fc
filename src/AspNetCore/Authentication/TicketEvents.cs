using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace ServerSession.AspNetCore;

/// <summary>
/// Wraps the application's cookie events: it notes when a user is signed in, and suppresses renewals of a session cookie, because each request has extended the
/// session's deadline already.
/// </summary>
internal sealed class TicketEvents(CookieAuthenticationEvents? inner, Type? innerType, ITicketStore store) : CookieAuthenticationEvents
{
    public override Task SigningIn(CookieSigningInContext context)
    {
        TicketRequest.Of(context.HttpContext, store).IsSigningIn = true;
        return Inner(context.HttpContext).SigningIn(context);
    }

    public override Task SignedIn(CookieSignedInContext context)
    {
        TicketRequest.Of(context.HttpContext, store).IsSigningIn = false;
        return Inner(context.HttpContext).SignedIn(context);
    }

    public override async Task CheckSlidingExpiration(CookieSlidingExpirationContext context)
    {
        var asked = context.ShouldRenew;
        await Inner(context.HttpContext).CheckSlidingExpiration(context);

        // A decision of the application overrides the framework's.
        if (asked && context.ShouldRenew && !context.Properties.IsPersistent)
        {
            context.ShouldRenew = false;
        }
    }

    public override Task ValidatePrincipal(CookieValidatePrincipalContext context) => Inner(context.HttpContext).ValidatePrincipal(context);

    public override Task SigningOut(CookieSigningOutContext context) => Inner(context.HttpContext).SigningOut(context);

    public override Task RedirectToLogout(RedirectContext<CookieAuthenticationOptions> context) => Inner(context.HttpContext).RedirectToLogout(context);

    public override Task RedirectToLogin(RedirectContext<CookieAuthenticationOptions> context) => Inner(context.HttpContext).RedirectToLogin(context);

    public override Task RedirectToReturnUrl(RedirectContext<CookieAuthenticationOptions> context) => Inner(context.HttpContext).RedirectToReturnUrl(context);

    public override Task RedirectToAccessDenied(RedirectContext<CookieAuthenticationOptions> context) => Inner(context.HttpContext).RedirectToAccessDenied(context);

    private CookieAuthenticationEvents Inner(HttpContext context) =>
        innerType is null ? inner! : (CookieAuthenticationEvents)context.RequestServices.GetRequiredService(innerType);
}
