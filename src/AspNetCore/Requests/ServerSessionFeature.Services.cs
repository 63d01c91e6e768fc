using System.Diagnostics.CodeAnalysis;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;

namespace ServerSession;

/// <summary>
/// Lets the request's services know their request, so that <see cref="IServerSession"/> can be injected. The usual way, an
/// IHttpContextAccessor, costs every request of the application more than this whole middleware: the server makes a new HttpContext and
/// several execution contexts for each.
/// </summary>
[SuppressMessage("Reliability", "CA1001", Justification = "The framework's feature registers itself to be disposed with the response.")]
internal sealed partial class ServerSessionFeature : IServiceProvidersFeature
{
    private RequestServicesFeature? _providers;

    IServiceProvider IServiceProvidersFeature.RequestServices
    {
        get
        {
            if (_providers is null)
            {
                _providers = new RequestServicesFeature(context, services.Scopes);
                Introduce(_providers.RequestServices);
            }

            return _providers.RequestServices;
        }

        set
        {
            _providers ??= new RequestServicesFeature(context, services.Scopes);
            _providers.RequestServices = value;
            if (value is not null)
            {
                Introduce(value);
            }
        }
    }

    /// <summary>Takes the place of the framework's feature, which is made at its first use; where that has happened, its scope is told at once.</summary>
    public void ProvideServices()
    {
        if (context.Features.Find<IServiceProvidersFeature>() is { } present)
        {
            Introduce(present.RequestServices);
        }
        else
        {
            context.Features.Put<IServiceProvidersFeature>(this);
        }
    }

    private void Introduce(IServiceProvider provider)
    {
        if (provider.GetService<CurrentRequest>() is { } request)
        {
            request.Feature = this;
        }
    }
}
