using ServerSession.Tests.Servers;

namespace ServerSession.Tests.Conformance;

[Provider(Stores.AzureBlob)]
public sealed class AzureBlobConformanceTests(RealServers servers) : ProviderConformance(servers, Stores.AzureBlob)
{
    protected override int SmallestValue => 1;

    protected override string UnknownEtag => "\"0x8D0000000000000\"";

    protected override bool RefusesEmptyEtag => false;

    // The service ignores the condition that would refuse it.
    protected override bool RefusesClearWithoutEtag => false;

    protected override bool RefusesClearOfGoneRow => false;

    // The client takes a backslash for a slash and dots for a path, and the service takes no control characters.
    protected override IReadOnlyList<string> OddKeys => [.. base.OddKeys.Where(static key => !key.Any("\\\t\n".Contains) && key is not ("." or ".."))];

    protected override IGrainStorage Named(IGrainStorage storage) => new NamedStorage(storage, Service);
}
