-- What a crash of the database may take, and how its loss is noticed.
--
-- Payloads that can be computed again live in UNLOGGED tables, which PostgreSQL empties after a crash; everything
-- needed to compute them again is LOGGED. Each pair of tables has one view, through which it is read.

ALTER TYPE stillhouse.gradient_state ADD VALUE 'lost';
ALTER TYPE stillhouse.gradient_state ADD VALUE 'void';
ALTER TYPE stillhouse.version_state ADD VALUE 'lost';

-- checkpointed: a crash may cost the versions since the last checkpoint, which are then computed again.
-- full: every payload is LOGGED, nothing is ever computed again.
CREATE TYPE stillhouse.durability AS ENUM ('checkpointed', 'full');
ALTER TABLE stillhouse.run ADD COLUMN durability stillhouse.durability NOT NULL DEFAULT 'checkpointed';

-- durable: all its chunks, those of both moments included, are in weights_chunk. Replay starts from such a version.
ALTER TABLE stillhouse.version ADD COLUMN durable boolean NOT NULL DEFAULT false;
UPDATE stillhouse.version SET durable = true WHERE state = 'published';
CREATE INDEX version_durable ON stillhouse.version (run_id, number) WHERE durable;

-- Since when the head's chunks are missing: no claim and no publication until they are restored or the run is rewound.
ALTER TABLE stillhouse.run_head ADD COLUMN restoring_since timestamptz;

ALTER TABLE stillhouse.setting
    ADD COLUMN checkpoint_versions integer NOT NULL DEFAULT 100,
    ADD COLUMN checkpoint_s double precision NOT NULL DEFAULT 600,
    -- A checkpoint is taken early when computing the versions since the last one again would take longer than this.
    ADD COLUMN replay_limit_s double precision NOT NULL DEFAULT 60,
    -- How long an aggregator that still holds a lost head has to bring it back.
    ADD COLUMN restore_patience_s double precision NOT NULL DEFAULT 30,
    ADD CONSTRAINT setting_checkpoints CHECK (
        checkpoint_versions > 0 AND checkpoint_s > 0 AND replay_limit_s > 0 AND restore_patience_s >= 0
    );

CREATE UNLOGGED TABLE stillhouse.gradient_chunk_unlogged (
    job_id bigint,
    attempt integer,
    part integer,
    digest bytea NOT NULL,
    data bytea NOT NULL,
    PRIMARY KEY (job_id, attempt, part),
    CONSTRAINT gradient_chunk_unlogged_fits CHECK (octet_length(digest) = 32 AND octet_length(data) <= 1114112)
);
ALTER TABLE stillhouse.gradient_chunk_unlogged ALTER COLUMN data SET STORAGE EXTERNAL;

CREATE UNLOGGED TABLE stillhouse.weights_chunk_unlogged (
    digest bytea PRIMARY KEY,
    touched_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    data bytea NOT NULL,
    CONSTRAINT weights_chunk_unlogged_fits CHECK (
        octet_length(digest) = 32 AND octet_length(data) BETWEEN 1 AND 1048576
    )
) WITH (fillfactor = 90);
ALTER TABLE stillhouse.weights_chunk_unlogged ALTER COLUMN data SET STORAGE EXTERNAL;

CREATE VIEW stillhouse.gradient_part AS
    SELECT job_id, attempt, part, digest, data FROM stillhouse.gradient_chunk
    UNION ALL
    SELECT job_id, attempt, part, digest, data FROM stillhouse.gradient_chunk_unlogged;

-- A chunk may be in both tables: readers take the first row.
CREATE VIEW stillhouse.weights AS
    SELECT digest, touched_at, data FROM stillhouse.weights_chunk
    UNION ALL
    SELECT digest, touched_at, data FROM stillhouse.weights_chunk_unlogged;

-- How often the UNLOGGED tables were emptied; the sentinel vanishes with them and thereby tells.
CREATE TABLE stillhouse.database_epoch (
    only_row boolean PRIMARY KEY DEFAULT true CONSTRAINT database_epoch_only_row CHECK (only_row),
    epoch bigint NOT NULL
);
CREATE UNLOGGED TABLE stillhouse.sentinel (
    only_row boolean PRIMARY KEY DEFAULT true CONSTRAINT sentinel_only_row CHECK (only_row),
    epoch bigint NOT NULL,
    installed_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
INSERT INTO stillhouse.database_epoch (epoch) VALUES (1);
INSERT INTO stillhouse.sentinel (epoch) VALUES (1);

-- As before, but nothing is handed out while a crash is being repaired.
CREATE OR REPLACE FUNCTION stillhouse.job_claim_v1(p_session uuid, p_limit integer)
RETURNS TABLE (
    job_id bigint, attempt integer, step integer, ordinal integer, epoch integer, first_index bigint,
    n_samples integer, base_version_id bigint, base_number integer, deadline_s double precision
)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = stillhouse, pg_temp AS $$
#variable_conflict use_column
DECLARE
    v_run_id bigint;
    v_deadline_s double precision;
BEGIN
    SELECT s.run_id, h.job_deadline_s INTO v_run_id, v_deadline_s
    FROM worker_session s JOIN run_head h USING (run_id), protocol p
    WHERE s.session = p_session AND s.login = session_user AND s.state = 'active' AND s.protocol >= p.minimum
        AND h.state = 'active' AND NOT h.paused
        AND h.restoring_since IS NULL AND EXISTS (SELECT FROM sentinel);
    IF NOT FOUND THEN
        RETURN;
    END IF;

    RETURN QUERY
    WITH picked AS MATERIALIZED (
        SELECT j.job_id FROM job j
        WHERE j.run_id = v_run_id AND j.state = 'available' AND j.available_at <= clock_timestamp()
        ORDER BY j.job_id LIMIT p_limit FOR UPDATE SKIP LOCKED
    ), claimed AS (
        UPDATE job j SET state = 'running', attempt = j.attempt + 1, worker_session = p_session,
            claimed_at = clock_timestamp(), deadline_at = clock_timestamp() + make_interval(secs => v_deadline_s)
        FROM picked WHERE j.job_id = picked.job_id
        RETURNING j.*
    ), opened AS (
        INSERT INTO job_attempt (job_id, attempt, worker_session, started_at)
        SELECT c.job_id, c.attempt, p_session, c.claimed_at FROM claimed c
    )
    SELECT c.job_id, c.attempt, c.step, c.ordinal, c.epoch, c.first_index, c.n_samples, c.base_version_id, v.number,
        v_deadline_s
    FROM claimed c JOIN version v ON v.version_id = c.base_version_id
    ORDER BY c.job_id;
END
$$;

-- Stores one part of a gradient; storing it again does nothing. False means fenced.
CREATE OR REPLACE FUNCTION stillhouse.gradient_put_v1(
    p_job_id bigint, p_attempt integer, p_session uuid, p_part integer, p_digest bytea, p_data bytea
) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = stillhouse, pg_temp AS $$
DECLARE
    v_parameter_count bigint;
    v_durability durability;
BEGIN
    -- The submission waits for the disk, and with it for everything written before.
    PERFORM set_config('synchronous_commit', 'off', true);
    SELECT run.parameter_count, run.durability INTO v_parameter_count, v_durability FROM job j JOIN run USING (run_id)
    WHERE (j.job_id, j.attempt, j.worker_session) = (p_job_id, p_attempt, p_session) AND j.state = 'running'
        AND EXISTS (SELECT FROM worker_session s WHERE s.session = p_session AND s.login = session_user);
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    IF p_part < 0 OR p_part * 262144::bigint >= v_parameter_count THEN
        RAISE EXCEPTION 'job %: part % lies outside of % parameters', p_job_id, p_part, v_parameter_count
            USING ERRCODE = 'check_violation';
    END IF;
    IF v_durability = 'full' THEN
        INSERT INTO gradient_chunk AS c (job_id, attempt, part, digest, data)
        VALUES (p_job_id, p_attempt, p_part, p_digest, p_data)
        ON CONFLICT (job_id, attempt, part) DO UPDATE SET digest = excluded.digest, data = excluded.data
        WHERE c.digest <> excluded.digest;
    ELSE
        INSERT INTO gradient_chunk_unlogged AS c (job_id, attempt, part, digest, data)
        VALUES (p_job_id, p_attempt, p_part, p_digest, p_data)
        ON CONFLICT (job_id, attempt, part) DO UPDATE SET digest = excluded.digest, data = excluded.data
        WHERE c.digest <> excluded.digest;
    END IF;
    RETURN true;
END
$$;

-- Enters a gradient into the ledger and completes its job, in one transaction.
--
-- 'ok'; 'already' when this very token is in the ledger, so that a call whose reply was lost is simply repeated;
-- 'fenced' when the job is no longer the caller's; 'mismatch' when it speaks an old protocol or cuts the layout
-- differently. If parts are missing or are not those of the digest, error SH001 undoes everything: upload again.
CREATE OR REPLACE FUNCTION stillhouse.gradient_submit_v1(
    p_job_id bigint, p_attempt integer, p_session uuid, p_n_parts integer, p_digest bytea, p_samples bigint,
    p_units bigint, p_loss double precision, p_terms jsonb, p_norm double precision, p_bad_samples jsonb
) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = stillhouse, pg_temp AS $$
DECLARE
    j record;
    v_stored record;
BEGIN
    IF EXISTS (
        SELECT FROM job JOIN run USING (run_id), worker_session s, protocol p
        WHERE job.job_id = p_job_id AND s.session = p_session AND s.login = session_user
            AND (s.protocol < p.minimum OR p_n_parts <> (run.parameter_count + 262143) / 262144)
    ) THEN
        RETURN 'mismatch';
    END IF;

    -- Waits for a first call that is still in flight; the next statement then sees what that one left.
    UPDATE job SET state = 'submitted', finished_at = clock_timestamp(), deadline_at = NULL
    WHERE (job_id, attempt, worker_session) = (p_job_id, p_attempt, p_session) AND state = 'running'
        AND EXISTS (SELECT FROM worker_session s WHERE s.session = p_session AND s.login = session_user)
    RETURNING job.run_id, job.n_samples INTO j;
    IF NOT FOUND THEN
        RETURN CASE WHEN EXISTS (
            SELECT FROM gradient g JOIN worker_session s ON s.session = g.worker_session
            WHERE (g.job_id, g.attempt, g.worker_session) = (p_job_id, p_attempt, p_session)
                AND s.login = session_user
        ) THEN 'already' ELSE 'fenced' END;
    END IF;

    SELECT count(*) AS parts, sha256(string_agg(c.digest, ''::bytea ORDER BY c.part)) AS digest INTO v_stored
    FROM gradient_part c WHERE (c.job_id, c.attempt) = (p_job_id, p_attempt);
    IF v_stored.parts <> p_n_parts OR v_stored.digest <> p_digest THEN
        RAISE EXCEPTION 'job %, attempt %: % of % parts are stored, or their digests differ from the manifest',
            p_job_id, p_attempt, v_stored.parts, p_n_parts
            USING ERRCODE = 'SH001', HINT = 'Upload every part of this attempt again, then submit again.';
    END IF;
    IF p_samples > j.n_samples THEN
        RAISE EXCEPTION 'job % has % samples, the submission claims %', p_job_id, j.n_samples, p_samples
            USING ERRCODE = 'check_violation';
    END IF;

    INSERT INTO gradient (
        job_id, attempt, worker_session, run_id, samples, units, n_parts, digest, loss, terms, norm
    ) VALUES (
        p_job_id, p_attempt, p_session, j.run_id, p_samples, p_units, p_n_parts, p_digest, p_loss, p_terms, p_norm
    );
    UPDATE job_attempt a SET outcome = 'submitted', ended_at = clock_timestamp()
    WHERE (a.job_id, a.attempt) = (p_job_id, p_attempt);
    INSERT INTO bad_sample (run_id, sample_id, key, reason, job_id)
    SELECT j.run_id, b.sample_id, b.key, b.reason, p_job_id
    FROM jsonb_to_recordset(p_bad_samples) AS b (sample_id bigint, key text, reason text)
    ORDER BY b.sample_id
    ON CONFLICT DO NOTHING;
    RETURN 'ok';
END
$$;
