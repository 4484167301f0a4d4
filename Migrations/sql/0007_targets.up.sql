-- What a frozen teacher says of a part of a picture, kept for whoever meets that part again: a cache, and no part of any
-- run's ledger. A row may vanish at any time and is computed again.
--
-- LOGGED all the same: a target is written once, 1 KiB of log, and costs the better part of a second of computing.

ALTER TABLE stillhouse.setting
    ADD COLUMN target_cache_bytes bigint NOT NULL DEFAULT 4294967296,
    ADD CONSTRAINT setting_target_cache_is_no_debt CHECK (target_cache_bytes >= 0);

CREATE TABLE stillhouse.target (
    -- SHA-256 over teacher, rule, numerics, picture and rectangle; the database takes it as it comes.
    key bytea NOT NULL,
    -- Numbers as fp16.
    value bytea NOT NULL,
    -- Number of the worker that computed it: should one turn out to lie, its targets can be told.
    alias bigint NOT NULL,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    -- To within a day, so that reading hardly ever writes.
    used_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    -- What the row takes with its header, its key and its places in two indexes.
    bytes integer NOT NULL GENERATED ALWAYS AS (octet_length(value) + 256) STORED,

    CONSTRAINT target_key_is_digest CHECK (octet_length(key) = 32),
    CONSTRAINT target_fits CHECK (octet_length(value) BETWEEN 2 AND 8192 AND octet_length(value) % 2 = 0),
    PRIMARY KEY (key)
) WITH (toast_tuple_target = 8160, autovacuum_vacuum_scale_factor = 0.05);
-- Numbers of a unit vector do not compress.
ALTER TABLE stillhouse.target ALTER COLUMN value SET STORAGE EXTERNAL;
CREATE INDEX target_by_use ON stillhouse.target (used_at, key) INCLUDE (bytes);

-- Those of the targets that are known; nothing for a session that is closed or another login's.
CREATE FUNCTION stillhouse.target_get_v1(p_session uuid, p_keys bytea[]) RETURNS TABLE (key bytea, value bytea)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = stillhouse, pg_temp AS $$
#variable_conflict use_column
BEGIN
    IF cardinality(p_keys) > 8192 THEN
        RAISE EXCEPTION '% targets are asked for at once, at most 8192 may be', cardinality(p_keys)
            USING ERRCODE = 'check_violation';
    END IF;
    IF NOT EXISTS (
        SELECT FROM worker_session s
        WHERE s.session = p_session AND s.login = session_user AND s.state <> 'closed'
    ) THEN
        RETURN;
    END IF;
    PERFORM set_config('synchronous_commit', 'off', true);
    UPDATE target t SET used_at = clock_timestamp()
    WHERE t.key IN (
        SELECT u.key FROM target u
        WHERE u.key = ANY (p_keys) AND u.used_at < clock_timestamp() - interval '1 day'
        ORDER BY u.key FOR NO KEY UPDATE SKIP LOCKED
    );
    RETURN QUERY SELECT t.key, t.value FROM target t WHERE t.key = ANY (p_keys);
END
$$;

-- Keeps targets; of two for one key the first stays. Returns how many are new, NULL for a session that is closed or
-- another login's. Stores nothing while the table has outgrown its bound twofold: then retention does not keep up.
CREATE FUNCTION stillhouse.target_put_v1(p_session uuid, p_keys bytea[], p_values bytea[]) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = stillhouse, pg_temp AS $$
DECLARE
    v_alias bigint;
    v_stored integer;
BEGIN
    IF cardinality(p_keys) > 8192 OR cardinality(p_keys) <> cardinality(p_values) THEN
        RAISE EXCEPTION '% keys and % targets are offered; as many of each, at most 8192, may be',
            cardinality(p_keys), cardinality(p_values) USING ERRCODE = 'check_violation';
    END IF;
    SELECT s.alias INTO v_alias FROM worker_session s
    WHERE s.session = p_session AND s.login = session_user AND s.state <> 'closed';
    IF NOT FOUND THEN
        RETURN NULL;
    END IF;
    IF pg_total_relation_size('stillhouse.target') / 2 > (SELECT target_cache_bytes FROM setting) THEN
        RETURN 0;
    END IF;
    -- A target that is lost in a crash is computed again.
    PERFORM set_config('synchronous_commit', 'off', true);
    -- In one order, or two workers that store the same would wait for each other.
    INSERT INTO target (key, value, alias)
    SELECT n.key, n.value, v_alias FROM unnest(p_keys, p_values) AS n (key, value) ORDER BY n.key
    ON CONFLICT DO NOTHING;
    GET DIAGNOSTICS v_stored = ROW_COUNT;
    RETURN v_stored;
END
$$;

GRANT EXECUTE ON FUNCTION
    stillhouse.target_get_v1(uuid, bytea[]), stillhouse.target_put_v1(uuid, bytea[], bytea[])
TO stillhouse_worker;
GRANT SELECT (target_cache_bytes) ON stillhouse.setting TO stillhouse_reader;
