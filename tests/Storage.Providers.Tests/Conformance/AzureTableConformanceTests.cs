using ServerSession.Tests.Servers;

namespace ServerSession.Tests.Conformance;

[Provider(Stores.AzureTable)]
public sealed class AzureTableConformanceTests(RealServers servers) : ProviderConformance(servers, Stores.AzureTable)
{
    // 15 properties of 64 KiB.
    protected override int LargestValue => 15 * 64 * 1024;

    protected override int SmallestValue => 1;

    protected override string UnknownEtag => "W/\"datetime'2001-01-01T00%3A00%3A00.0000000Z'\"";

    protected override bool RefusesEmptyEtag => false;

    // Such a clear does nothing.
    protected override bool RefusesClearWithoutEtag => false;

    // The provider writes an underscore for some of the others, and the service refuses some and takes 512 characters; the keys of sessions are hexadecimal.
    protected override IReadOnlyList<string> OddKeys => [.. base.OddKeys.Where(static key => key.Length <= 400 && key.All(static c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-'))];
}
