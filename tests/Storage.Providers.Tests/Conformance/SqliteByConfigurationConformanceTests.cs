using ServerSession.Tests.Servers;

namespace ServerSession.Tests.Conformance;

[Provider(Stores.Sqlite)]
public sealed class SqliteByConfigurationConformanceTests(RealServers servers) : ProviderConformance(servers, Stores.Sqlite);
