using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace ServerSession.AspNetCore;

/// <summary>Checks that what keeps the sessions and their signing keys is there.</summary>
internal sealed class ServerSessionPartsValidator(SessionParts parts, IServiceProviderIsService services) : IValidateOptions<ServerSessionOptions>
{
    public ValidateOptionsResult Validate(string? name, ServerSessionOptions options)
    {
        if (services.IsService(typeof(IGrainFactory)))
        {
            return ValidateOptionsResult.Success;
        }

        if (parts.UsesGrainStore)
        {
            return ValidateOptionsResult.Fail(
                "The sessions have no place to live: no Orleans silo or client is registered. Call UseOrleans or UseOrleansClient on the host builder, or AddServerSession().UseInMemoryStore().");
        }

        return parts.UsesGrainKeys && options.SigningKeys.Count == 0
            ? ValidateOptionsResult.Fail(
                "ServerSession:SigningKeys is empty and there is no Orleans cluster that keeps keys; set ServerSession:SigningKeys:0 to the output of: openssl rand -base64 32")
            : ValidateOptionsResult.Success;
    }
}
