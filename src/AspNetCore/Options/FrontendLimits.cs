using Microsoft.Extensions.Options;
using ServerSession.Core;

namespace ServerSession.AspNetCore;

internal sealed class FrontendLimits(IOptions<ServerSessionOptions> options) : IFrontendLimits
{
    public SessionLimits? Limits
    {
        get
        {
            try
            {
                return options.Value.Limits;
            }
            catch (OptionsValidationException)
            {
                return null;
            }
        }
    }
}
