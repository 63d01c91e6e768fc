-- The membership of a cluster: one row for each silo, and one row for each cluster that holds the version of its table.
-- A change of the table is accepted only with the version that it was read at. Locking the version's row first makes two changes follow each other: the
-- second finds another version and changes nothing.
CREATE TABLE IF NOT EXISTS OrleansMembershipVersionTable
(
    DeploymentId varchar(150) NOT NULL,
    Timestamp timestamptz(3) NOT NULL DEFAULT now(),
    Version integer NOT NULL DEFAULT 0,
    CONSTRAINT PK_OrleansMembershipVersionTable_DeploymentId PRIMARY KEY (DeploymentId)
);

CREATE TABLE IF NOT EXISTS OrleansMembershipTable
(
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
    CONSTRAINT FK_MembershipTable_MembershipVersionTable_DeploymentId FOREIGN KEY (DeploymentId) REFERENCES OrleansMembershipVersionTable (DeploymentId)
);

-- Takes the version's row for the rest of the transaction; false if the table has another version by now.
CREATE OR REPLACE FUNCTION session_membership_lock(deployment varchar, expected integer) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
    PERFORM 1 FROM OrleansMembershipVersionTable AS v WHERE v.DeploymentId = deployment AND v.Version = expected FOR UPDATE;
    RETURN FOUND;
END $$;

CREATE OR REPLACE FUNCTION session_membership_advance(deployment varchar) RETURNS void LANGUAGE sql AS $$
    UPDATE OrleansMembershipVersionTable SET Version = Version + 1, Timestamp = now() WHERE DeploymentId = deployment;
$$;

-- Adds a silo. The result is the number of rows added: 0 if the version is another one or the silo is listed already.
CREATE OR REPLACE FUNCTION session_membership_insert(
    deployment varchar, address varchar, port integer, generation integer, silo varchar, host varchar, status integer, proxy integer,
    started timestamptz, alive timestamptz, expected integer) RETURNS integer LANGUAGE plpgsql AS $$
BEGIN
    IF NOT session_membership_lock(deployment, expected) THEN
        RETURN 0;
    END IF;

    INSERT INTO OrleansMembershipTable (DeploymentId, Address, Port, Generation, SiloName, HostName, Status, ProxyPort, StartTime, IAmAliveTime)
    VALUES (deployment, address, port, generation, silo, host, status, proxy, started, alive)
    ON CONFLICT DO NOTHING;
    IF NOT FOUND THEN
        RETURN 0;
    END IF;

    PERFORM session_membership_advance(deployment);
    RETURN 1;
END $$;

-- Changes a silo's state. The result is the number of rows changed: 0 if the version is another one or the silo is not listed.
CREATE OR REPLACE FUNCTION session_membership_update(
    deployment varchar, silo_address varchar, silo_port integer, silo_generation integer, new_status integer, suspects varchar, alive timestamptz,
    expected integer) RETURNS integer LANGUAGE plpgsql AS $$
BEGIN
    IF NOT session_membership_lock(deployment, expected) THEN
        RETURN 0;
    END IF;

    UPDATE OrleansMembershipTable AS m
    SET Status = new_status, SuspectTimes = suspects, IAmAliveTime = alive
    WHERE m.DeploymentId = deployment AND m.Address = silo_address AND m.Port = silo_port AND m.Generation = silo_generation;
    IF NOT FOUND THEN
        RETURN 0;
    END IF;

    PERFORM session_membership_advance(deployment);
    RETURN 1;
END $$;

INSERT INTO OrleansQuery (QueryKey, QueryText) VALUES
('InsertMembershipVersionKey', '
    WITH added AS (
        INSERT INTO OrleansMembershipVersionTable (DeploymentId) VALUES (@DeploymentId) ON CONFLICT DO NOTHING RETURNING 1
    )
    SELECT count(*)::integer AS row_count FROM added;
'),
('InsertMembershipKey', '
    SELECT session_membership_insert(@DeploymentId, @Address, @Port, @Generation, @SiloName, @HostName, @Status, @ProxyPort, @StartTime, @IAmAliveTime, @Version) AS row_count;
'),
('UpdateMembershipKey', '
    SELECT session_membership_update(@DeploymentId, @Address, @Port, @Generation, @Status, @SuspectTimes, @IAmAliveTime, @Version) AS row_count;
'),
('UpdateIAmAlivetimeKey', '
    UPDATE OrleansMembershipTable SET IAmAliveTime = @IAmAliveTime
    WHERE DeploymentId = @DeploymentId AND Address = @Address AND Port = @Port AND Generation = @Generation;
'),
('MembershipReadRowKey', '
    SELECT v.DeploymentId, m.Address, m.Port, m.Generation, m.SiloName, m.HostName, m.Status, m.ProxyPort, m.SuspectTimes, m.StartTime, m.IAmAliveTime, v.Version
    FROM OrleansMembershipVersionTable AS v
    LEFT JOIN OrleansMembershipTable AS m ON m.DeploymentId = v.DeploymentId AND m.Address = @Address AND m.Port = @Port AND m.Generation = @Generation
    WHERE v.DeploymentId = @DeploymentId;
'),
('MembershipReadAllKey', '
    SELECT v.DeploymentId, m.Address, m.Port, m.Generation, m.SiloName, m.HostName, m.Status, m.ProxyPort, m.SuspectTimes, m.StartTime, m.IAmAliveTime, v.Version
    FROM OrleansMembershipVersionTable AS v
    LEFT JOIN OrleansMembershipTable AS m ON m.DeploymentId = v.DeploymentId
    WHERE v.DeploymentId = @DeploymentId;
'),
('DeleteMembershipTableEntriesKey', '
    DELETE FROM OrleansMembershipTable WHERE DeploymentId = @DeploymentId;
    DELETE FROM OrleansMembershipVersionTable WHERE DeploymentId = @DeploymentId;
'),
('GatewaysQueryKey', '
    SELECT Address, ProxyPort, Generation FROM OrleansMembershipTable
    WHERE DeploymentId = @DeploymentId AND Status = @Status AND ProxyPort > 0;
'),
('CleanupDefunctSiloEntriesKey', '
    DELETE FROM OrleansMembershipTable WHERE DeploymentId = @DeploymentId AND IAmAliveTime < @IAmAliveTime AND Status <> 3;
')
ON CONFLICT (QueryKey) DO UPDATE SET QueryText = EXCLUDED.QueryText;
