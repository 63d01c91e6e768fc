namespace ServerSession.Tests.Scripts;

/// <summary>
/// A database in the state in which Orleans' own scripts for PostgreSQL leave it, and a cluster that has used it: the same tables, keys, index and names of queries. What the queries say
/// does not matter, since they are replaced; one is of a part of Orleans that sessions do not use, and stays.
/// </summary>
internal static class PreparedByOrleans
{
    /// <summary>The highest version that a row of another grain has.</summary>
    public const int HighestVersion = 41;

    public const string Sql = """
        CREATE TABLE OrleansQuery (
            QueryKey varchar(64) NOT NULL,
            QueryText varchar(8000) NOT NULL,
            CONSTRAINT OrleansQuery_Key PRIMARY KEY (QueryKey));
        INSERT INTO OrleansQuery (QueryKey, QueryText)
        SELECT name, 'of Orleans' FROM unnest(ARRAY[
            'UpdateIAmAlivetimeKey', 'InsertMembershipVersionKey', 'InsertMembershipKey', 'UpdateMembershipKey', 'MembershipReadRowKey', 'MembershipReadAllKey',
            'DeleteMembershipTableEntriesKey', 'GatewaysQueryKey', 'WriteToStorageKey', 'ReadFromStorageKey', 'ClearStorageKey']) AS name;
        INSERT INTO OrleansQuery (QueryKey, QueryText) VALUES ('UpsertReminderRowKey', 'of reminders');

        CREATE TABLE OrleansMembershipVersionTable (
            DeploymentId varchar(150) NOT NULL,
            Timestamp timestamptz(3) NOT NULL DEFAULT now(),
            Version integer NOT NULL DEFAULT 0,
            CONSTRAINT PK_OrleansMembershipVersionTable_DeploymentId PRIMARY KEY (DeploymentId));
        CREATE TABLE OrleansMembershipTable (
            DeploymentId varchar(150) NOT NULL,
            Address varchar(45) NOT NULL,
            Port integer NOT NULL,
            Generation integer NOT NULL,
            SiloName varchar(150) NOT NULL,
            HostName varchar(150) NOT NULL,
            Status integer NOT NULL,
            ProxyPort integer NULL,
            SuspectTimes varchar(8000) NULL,
            StartTime timestamptz(3) NOT NULL,
            IAmAliveTime timestamptz(3) NOT NULL,
            CONSTRAINT PK_MembershipTable_DeploymentId PRIMARY KEY (DeploymentId, Address, Port, Generation),
            CONSTRAINT FK_MembershipTable_MembershipVersionTable_DeploymentId FOREIGN KEY (DeploymentId) REFERENCES OrleansMembershipVersionTable (DeploymentId));
        INSERT INTO OrleansMembershipVersionTable (DeploymentId, Version) VALUES ('another', 3);
        INSERT INTO OrleansMembershipTable VALUES ('another', '10.0.0.1', 11111, 5, 'one', 'host', 3, 30000, NULL, now(), now());

        CREATE TABLE OrleansStorage (
            grainidhash integer NOT NULL,
            grainidn0 bigint NOT NULL,
            grainidn1 bigint NOT NULL,
            graintypehash integer NOT NULL,
            graintypestring varchar(512) NOT NULL,
            grainidextensionstring varchar(512),
            serviceid varchar(150) NOT NULL,
            payloadbinary bytea,
            modifiedon timestamp NOT NULL,
            version integer);
        CREATE INDEX ix_orleansstorage ON OrleansStorage (grainidhash, graintypehash);
        INSERT INTO OrleansStorage VALUES
            (1, 2, 3, 4, 'cart', NULL, 'another', 'one', now(), 41),
            (1, 2, 3, 4, 'cart', 'extension', 'another', 'two', now(), 7);
        """;
}
