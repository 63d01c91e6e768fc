namespace ServerSession.Grains;

/// <summary>
/// The state names under which a provider keeps rows. Orleans' providers put the service id into the names of their rows, except the one for Azure Blob:
/// there two clusters of different services that use one container would share their rows, signing keys included. For it the service id stands
/// before the state name.
/// </summary>
internal sealed class StateNames(string providerType, string serviceId)
{
    internal const string AzureBlob = "Orleans.Storage.AzureBlobGrainStorage";

    private readonly string? _prefix = providerType == AzureBlob ? serviceId + "/" : null;
    private readonly System.Collections.Concurrent.ConcurrentDictionary<string, string> _names = new(StringComparer.Ordinal);

    public string this[string state] => _prefix is null ? state : _names.GetOrAdd(state, static (name, prefix) => prefix + name, _prefix);
}
