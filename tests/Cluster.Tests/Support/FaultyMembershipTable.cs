namespace ServerSession.Tests.Support;

/// <summary>A membership table whose looks at one row can be made to fail.</summary>
public sealed class FaultyMembershipTable(IMembershipTable inner) : IMembershipTable
{
    public bool Fail { get; set; }

    public Task<MembershipTableData> ReadRow(SiloAddress key) =>
        Fail ? throw new IOException("The membership table cannot be reached.") : inner.ReadRowAsync(key, default);

    public Task InitializeMembershipTable(bool tryInitTableVersion) => inner.InitializeMembershipTableAsync(tryInitTableVersion, default);

    public Task DeleteMembershipTableEntries(string clusterId) => inner.DeleteMembershipTableEntriesAsync(clusterId, default);

    public Task CleanupDefunctSiloEntries(DateTimeOffset beforeDate) => inner.CleanupDefunctSiloEntriesAsync(beforeDate, default);

    public Task<MembershipTableData> ReadAll() => inner.ReadAllAsync(default);

    public Task<bool> InsertRow(MembershipEntry entry, TableVersion tableVersion) => inner.InsertRowAsync(entry, tableVersion, default);

    public Task<bool> UpdateRow(MembershipEntry entry, string etag, TableVersion tableVersion) => inner.UpdateRowAsync(entry, etag, tableVersion, default);

    public Task UpdateIAmAlive(MembershipEntry entry) => inner.UpdateIAmAliveAsync(entry, default);
}
