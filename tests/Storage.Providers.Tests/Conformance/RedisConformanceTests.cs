using ServerSession.Tests.Servers;

namespace ServerSession.Tests.Conformance;

[Provider(Stores.Redis)]
public sealed class RedisConformanceTests(RealServers servers) : ProviderConformance(servers, Stores.Redis)
{
    protected override int SmallestValue => 1;

    protected override bool RefusesEmptyEtag => false;
}
