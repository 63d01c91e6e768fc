using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.Extensions.Options;

namespace ServerSession.AspNetCore;

/// <summary>Checks at start that each scheme given to <c>AddTickets</c> is a cookie scheme, and its options.</summary>
internal sealed class TicketSchemeValidator(
    IEnumerable<TicketScheme> schemes, IOptions<AuthenticationOptions> authentication, IOptionsMonitor<ServerSessionTicketOptions> tickets) : IValidateOptions<ServerSessionOptions>
{
    public ValidateOptionsResult Validate(string? name, ServerSessionOptions options)
    {
        var faults = new List<string>();
        foreach (var scheme in schemes)
        {
            if (!authentication.Value.SchemeMap.TryGetValue(scheme.Name, out var registered))
            {
                faults.Add(
                    $"AddTickets names the authentication scheme \"{scheme.Name}\", which does not exist: call builder.Services.AddAuthentication().AddCookie(\"{scheme.Name}\")"
                    + $"{Others()}.");
            }
            else if (!typeof(CookieAuthenticationHandler).IsAssignableFrom(registered.HandlerType))
            {
                faults.Add($"AddTickets names the authentication scheme \"{scheme.Name}\", which is no cookie scheme; only those have tickets to keep.");
            }

            var lifetime = tickets.Get(scheme.Name).AbsoluteLifetime;
            if (lifetime < SessionTerms.MinimumTime || lifetime > SessionTerms.MaximumTime)
            {
                faults.Add($"AbsoluteLifetime of the tickets of \"{scheme.Name}\" is {lifetime}; set it between {SessionTerms.MinimumTime} and {SessionTerms.MaximumTime}.");
            }
        }

        return faults.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(faults);
    }

    private string Others()
    {
        var cookies = authentication.Value.SchemeMap.Values.Where(static scheme => typeof(CookieAuthenticationHandler).IsAssignableFrom(scheme.HandlerType)).Select(static scheme => $"\"{scheme.Name}\"").ToArray();
        return cookies.Length == 0 ? "" : $", or name one of {string.Join(", ", cookies)}";
    }
}
