using ServerSession.Tests.Servers;

namespace ServerSession.Tests.Conformance;

/// <summary>Orleans' ADO.NET provider with the scripts of <c>deploy/sql/postgresql</c>.</summary>
[Provider(Stores.Postgres)]
public sealed class PostgresConformanceTests(RealServers servers) : ProviderConformance(servers, Stores.Postgres)
{
    // A version is a 32-bit number.
    protected override string UnknownEtag => "2147483646";

    protected override bool RefusesEmptyEtag => false;

    // The provider reads the row first and clears what it found.
    protected override bool RefusesClearWithoutEtag => false;

    // A row is named by the grain's key and the state's name.
    protected override bool SeparatesGrainTypes => false;

    // The longest key is 512 characters, and PostgreSQL's text has no zero character.
    protected override IReadOnlyList<string> OddKeys => [.. base.OddKeys.Where(static key => key.Length <= 400)];
}
