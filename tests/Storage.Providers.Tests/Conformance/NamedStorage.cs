using ServerSession.Grains;

namespace ServerSession.Tests.Conformance;

/// <summary>Hands on every call under the name that the sessions' storage gives it on Azure blobs, where the provider leaves the service id out.</summary>
internal sealed class NamedStorage(IGrainStorage inner, string service) : IGrainStorage
{
    private readonly StateNames _names = new(StateNames.AzureBlob, service);

    public Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) => inner.ReadStateAsync(_names[stateName], grainId, grainState);

    public Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) => inner.WriteStateAsync(_names[stateName], grainId, grainState);

    public Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) => inner.ClearStateAsync(_names[stateName], grainId, grainState);
}
