namespace ServerSession.Tests.Conformance;

/// <summary>Hands on every call under the name that the sessions' storage gives it on a provider that leaves the service id out: the id stands before the name.</summary>
internal sealed class NamedStorage(IGrainStorage inner, string service) : IGrainStorage
{
    public Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) => inner.ReadStateAsync($"{service}/{stateName}", grainId, grainState);

    public Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) => inner.WriteStateAsync($"{service}/{stateName}", grainId, grainState);

    public Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) => inner.ClearStateAsync($"{service}/{stateName}", grainId, grainState);
}
