using Microsoft.Extensions.DependencyInjection;
using Orleans.Metadata;
using Orleans.Runtime;

namespace ServerSession.Grains;

/// <summary>
/// Orleans places grains on every silo that has their assembly. A silo with this one that does not own sessions would fail each of them, so
/// it is told at its start: Orleans asks the attributes of a grain class while it makes the silo's manifest.
/// </summary>
[AttributeUsage(AttributeTargets.Class)]
internal sealed class NeedsSessionSiloAttribute : Attribute, IGrainPropertiesProviderAttribute
{
    public void Populate(IServiceProvider services, Type grainClass, GrainType grainType, Dictionary<string, string> properties)
    {
        if (services.GetService<IServiceProviderIsService>() is { } known
            && known.IsService(typeof(ILocalSiloDetails)) && !known.IsService(typeof(SessionGrainServices)))
        {
            throw new OrleansConfigurationException(
                "This silo references ServerSession.Orleans.Grains but does not own sessions, so that those placed on it would fail: call silo.AddServerSession() " +
                "in UseOrleans(silo => …) (builder.Services.AddServerSession() is the web tier's part), or remove the reference.");
        }
    }
}
