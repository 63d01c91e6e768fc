-- The rows of grain states, sessions among them. It differs from Orleans' own script in three points, without which a session could be lost or come back:
-- a unique index, so that of two inserts of one row at the same time one is refused; versions (the ETags) from one sequence, so that a row that is
-- inserted again never gets a version that an earlier row had; and a delete on clear that checks the version.
CREATE TABLE IF NOT EXISTS OrleansStorage
(
    GrainIdHash integer NOT NULL,
    GrainIdN0 bigint NOT NULL,
    GrainIdN1 bigint NOT NULL,
    GrainTypeHash integer NOT NULL,
    GrainTypeString varchar(512) NOT NULL,
    GrainIdExtensionString varchar(512) NULL,
    ServiceId varchar(150) NOT NULL,
    PayloadBinary bytea NULL,
    ModifiedOn timestamp without time zone NOT NULL,
    Version integer NULL
)
-- Room on each page for the next version of its rows: an update then changes no index.
WITH (fillfactor = 80);

-- Nulls are not equal to each other in a unique index, so a missing extension counts as an empty one.
CREATE UNIQUE INDEX IF NOT EXISTS OrleansStorage_Row
    ON OrleansStorage (GrainIdHash, GrainTypeHash, GrainIdN0, GrainIdN1, ServiceId, GrainTypeString, COALESCE(GrainIdExtensionString, ''));

-- The index of Orleans' own script is a prefix of the one above.
DROP INDEX IF EXISTS ix_orleansstorage;

-- Orleans keeps a version as a 32-bit number. After 2,147,483,647 writes the sequence starts again: a delayed write would have to wait for as many.
DO $$
BEGIN
    IF to_regclass('orleansstorage_version') IS NULL THEN
        CREATE SEQUENCE OrleansStorage_Version AS integer MINVALUE 1 CYCLE;
        PERFORM setval('orleansstorage_version', (SELECT COALESCE(max(Version), 0) + 1 FROM OrleansStorage));
    END IF;
END $$;

-- Inserts a row (no version) or replaces the one with the version. The result is the new version, or the given one if nothing was written: that is how
-- Orleans recognises a conflict.
CREATE OR REPLACE FUNCTION session_storage_write(
    _idhash integer, _n0 bigint, _n1 bigint, _typehash integer, _type varchar, _extension varchar, _service varchar, _version integer, _payload bytea)
    RETURNS TABLE (NewGrainStateVersion integer) LANGUAGE plpgsql AS $$
BEGIN
    IF _version IS NULL THEN
        RETURN QUERY
        INSERT INTO OrleansStorage AS s (
            GrainIdHash, GrainIdN0, GrainIdN1, GrainTypeHash, GrainTypeString, GrainIdExtensionString, ServiceId, PayloadBinary, ModifiedOn, Version)
        VALUES (
            _idhash, _n0, _n1, _typehash, _type, _extension, _service, _payload, now() AT TIME ZONE 'utc', nextval('orleansstorage_version')::integer)
        ON CONFLICT DO NOTHING
        RETURNING s.Version;
    ELSE
        RETURN QUERY
        UPDATE OrleansStorage AS s
        SET PayloadBinary = _payload, ModifiedOn = now() AT TIME ZONE 'utc', Version = nextval('orleansstorage_version')::integer
        WHERE s.GrainIdHash = _idhash AND s.GrainTypeHash = _typehash AND s.GrainIdN0 = _n0 AND s.GrainIdN1 = _n1 AND s.ServiceId = _service
            AND s.GrainTypeString = _type AND COALESCE(s.GrainIdExtensionString, '') = COALESCE(_extension, '') AND s.Version = _version
        RETURNING s.Version;
    END IF;

    IF NOT FOUND THEN
        RETURN QUERY SELECT _version;
    END IF;
END $$;

INSERT INTO OrleansQuery (QueryKey, QueryText) VALUES
('WriteToStorageKey', '
    SELECT * FROM session_storage_write(@GrainIdHash, @GrainIdN0, @GrainIdN1, @GrainTypeHash, @GrainTypeString, @GrainIdExtensionString, @ServiceId, @GrainStateVersion, @PayloadBinary);
'),
('ReadFromStorageKey', '
    SELECT PayloadBinary, now() AT TIME ZONE ''utc'', Version FROM OrleansStorage
    WHERE GrainIdHash = @GrainIdHash AND GrainTypeHash = @GrainTypeHash AND GrainIdN0 = @GrainIdN0 AND GrainIdN1 = @GrainIdN1 AND ServiceId = @ServiceId
        AND GrainTypeString = @GrainTypeString AND COALESCE(GrainIdExtensionString, '''') = COALESCE(@GrainIdExtensionString, '''');
'),
('ClearStorageKey', '
    UPDATE OrleansStorage SET PayloadBinary = NULL, ModifiedOn = now() AT TIME ZONE ''utc'', Version = nextval(''orleansstorage_version'')::integer
    WHERE GrainIdHash = @GrainIdHash AND GrainTypeHash = @GrainTypeHash AND GrainIdN0 = @GrainIdN0 AND GrainIdN1 = @GrainIdN1 AND ServiceId = @ServiceId
        AND GrainTypeString = @GrainTypeString AND COALESCE(GrainIdExtensionString, '''') = COALESCE(@GrainIdExtensionString, '''') AND Version = @GrainStateVersion
    RETURNING Version AS NewGrainStateVersion;
'),
-- No version is 0, so the result differs from the one that was given.
('DeleteStorageKey', '
    DELETE FROM OrleansStorage
    WHERE GrainIdHash = @GrainIdHash AND GrainTypeHash = @GrainTypeHash AND GrainIdN0 = @GrainIdN0 AND GrainIdN1 = @GrainIdN1 AND ServiceId = @ServiceId
        AND GrainTypeString = @GrainTypeString AND COALESCE(GrainIdExtensionString, '''') = COALESCE(@GrainIdExtensionString, '''') AND Version = @GrainStateVersion
    RETURNING 0 AS NewGrainStateVersion;
')
ON CONFLICT (QueryKey) DO UPDATE SET QueryText = EXCLUDED.QueryText;
