using ServerSession.Storage;

namespace ServerSession.Tests.Conformance;

/// <summary>Hands on every call under the name that the sessions' storage gives it.</summary>
internal sealed class NamedStorage(IGrainStorage inner, StateNames names) : IGrainStorage
{
    public Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) => inner.ReadStateAsync(names[stateName], grainId, grainState);

    public Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) => inner.WriteStateAsync(names[stateName], grainId, grainState);

    public Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) => inner.ClearStateAsync(names[stateName], grainId, grainState);
}
