using System.Security.Claims;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace ServerSession.AspNetCore;

/// <summary>
/// Writes the new key into the authentication cookie where a sign-in has replaced the ticket's session. The framework's handler renews the ticket of a
/// user who is signed in already under the key that it knows, and has no way to be told another one.
/// </summary>
internal sealed class TicketCookieManager(ICookieManager inner, CookieAuthenticationOptions scheme, ITicketStore store) : ICookieManager
{
    public string? GetRequestCookie(HttpContext context, string key) => inner.GetRequestCookie(context, key);

    public void DeleteCookie(HttpContext context, string key, CookieOptions options) => inner.DeleteCookie(context, key, options);

    public void AppendResponseCookie(HttpContext context, string key, string? value, CookieOptions options)
    {
        if (value is not null && TicketRequest.Find(context, store) is { HasReplaced: true } request)
        {
            value = Replace(context, request, value);
        }

        inner.AppendResponseCookie(context, key, value, options);
    }

    private string Replace(HttpContext context, TicketRequest request, string value)
    {
        var purpose = context.Features.Get<ITlsTokenBindingFeature>()?.GetProvidedTokenBindingId() is { } binding ? Convert.ToBase64String(binding) : null;
        if (scheme.TicketDataFormat.Unprotect(value, purpose) is not { } ticket)
        {
            return value;
        }

        var principal = new ClaimsPrincipal(ticket.Principal.Identities.Select(identity => new ClaimsIdentity(
            identity.Claims.Select(claim => new Claim(claim.Type, request.Current(claim.Value), claim.ValueType, claim.Issuer)), identity.AuthenticationType)));
        return scheme.TicketDataFormat.Protect(new AuthenticationTicket(principal, ticket.Properties, ticket.AuthenticationScheme), purpose);
    }
}
