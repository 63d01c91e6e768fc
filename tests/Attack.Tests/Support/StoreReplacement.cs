using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Orleans.Storage;

namespace ServerSession.Tests.Support;

/// <summary>Puts something around the sessions' storage of a silo.</summary>
internal static class StoreReplacement
{
    public static void WrapStorage(this ISiloBuilder silo, Func<IGrainStorage, IGrainStorage> wrap)
    {
        var inner = silo.Services.Last(static service =>
            service.ServiceType == typeof(IGrainStorage) && Equals(service.ServiceKey, SessionGrainOptions.StorageName));
        silo.Services.Remove(inner);
        silo.Services.AddKeyedSingleton(SessionGrainOptions.StorageName, (services, key) =>
            wrap((IGrainStorage)inner.KeyedImplementationFactory!(services, key)));
    }
}
