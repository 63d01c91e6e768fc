using Microsoft.Extensions.Options;
using ServerSession.Configuration;

namespace ServerSession;

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
