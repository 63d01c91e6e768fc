using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Orleans.Runtime;
using Orleans.Storage;

namespace ServerSession.Grains;

/// <summary>
/// Sets what sessions need in the options of the storage named <c>sessions</c>, whatever the provider and whoever registered it: rows are deleted
/// on clear, and the session's bytes are stored as they are.
/// </summary>
/// <remarks>
/// Orleans' providers share <see cref="IStorageProviderSerializerOptions"/>, so one open generic registration reaches the options of all of them
/// without a reference to any of their packages. Their builders for configuration do not read <c>DeleteStateOnClear</c>, and its default is false
/// for most of them. A custom provider without these options is judged by <see cref="StorageProbe"/> alone.
/// </remarks>
internal sealed class SessionStorageSetup<TOptions>(IServiceProvider services) : IPostConfigureOptions<TOptions>
    where TOptions : class, IStorageProviderSerializerOptions
{
    public void PostConfigure(string? name, TOptions options)
    {
        if (name != SessionGrainOptions.StorageName)
        {
            return;
        }

        options.GrainStorageSerializer = RawBytes(options.GrainStorageSerializer);
        OptionValues.Set(options, "DeleteStateOnClear", true);
        OptionValues.Set(options, "UseStringFormat", false);
        if (OptionValues.Get<TimeSpan>(options, "EntryExpiry") is { } expiry)
        {
            throw new OrleansConfigurationException(
                $"The grain storage '{SessionGrainOptions.StorageName}' drops rows after {expiry} ({typeof(TOptions).Name}.EntryExpiry), and with them sessions that live. " +
                "Remove the setting: sessions delete their rows themselves.");
        }

        ProviderTimeouts.Apply(options, services.GetRequiredService<IOptions<SessionGrainOptions>>().Value.StorageTimeout);
    }

    private StoredPayloadSerializer RawBytes(IGrainStorageSerializer? chosen) =>
        chosen as StoredPayloadSerializer ?? new StoredPayloadSerializer(chosen ?? services.GetRequiredService<IGrainStorageSerializer>());
}
