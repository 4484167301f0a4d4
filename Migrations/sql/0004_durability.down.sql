-- Hands out at most p_limit jobs of the session's run, the oldest first; none while it is paused or not active.
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
        AND h.state = 'active' AND NOT h.paused;
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
BEGIN
    -- The submission waits for the disk, and with it for everything written before.
    PERFORM set_config('synchronous_commit', 'off', true);
    SELECT run.parameter_count INTO v_parameter_count FROM job j JOIN run USING (run_id)
    WHERE (j.job_id, j.attempt, j.worker_session) = (p_job_id, p_attempt, p_session) AND j.state = 'running'
        AND EXISTS (SELECT FROM worker_session s WHERE s.session = p_session AND s.login = session_user);
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    IF p_part < 0 OR p_part * 262144::bigint >= v_parameter_count THEN
        RAISE EXCEPTION 'job %: part % lies outside of % parameters', p_job_id, p_part, v_parameter_count
            USING ERRCODE = 'check_violation';
    END IF;
    INSERT INTO gradient_chunk AS c (job_id, attempt, part, digest, data)
    VALUES (p_job_id, p_attempt, p_part, p_digest, p_data)
    ON CONFLICT (job_id, attempt, part) DO UPDATE SET digest = excluded.digest, data = excluded.data
    WHERE c.digest <> excluded.digest;
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
    FROM gradient_chunk c WHERE (c.job_id, c.attempt) = (p_job_id, p_attempt);
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

DROP TABLE stillhouse.sentinel;
DROP TABLE stillhouse.database_epoch;
DROP VIEW stillhouse.weights;
DROP VIEW stillhouse.gradient_part;
DROP TABLE stillhouse.weights_chunk_unlogged;
DROP TABLE stillhouse.gradient_chunk_unlogged;

ALTER TABLE stillhouse.setting
    DROP CONSTRAINT setting_checkpoints,
    DROP COLUMN checkpoint_versions, DROP COLUMN checkpoint_s, DROP COLUMN replay_limit_s,
    DROP COLUMN restore_patience_s;
ALTER TABLE stillhouse.run_head DROP COLUMN restoring_since;
DROP INDEX stillhouse.version_durable;
ALTER TABLE stillhouse.version DROP COLUMN durable;
ALTER TABLE stillhouse.run DROP COLUMN durability;
DROP TYPE stillhouse.durability;

-- A type gives up values only by being made anew.
DELETE FROM stillhouse.gradient WHERE state IN ('lost', 'void');
DROP INDEX stillhouse.gradient_counts_once;
ALTER TABLE stillhouse.gradient ALTER COLUMN state DROP DEFAULT;
ALTER TYPE stillhouse.gradient_state RENAME TO gradient_state_0004;
CREATE TYPE stillhouse.gradient_state AS ENUM ('submitted', 'applied');
ALTER TABLE stillhouse.gradient ALTER COLUMN state TYPE stillhouse.gradient_state
    USING state::text::stillhouse.gradient_state;
ALTER TABLE stillhouse.gradient ALTER COLUMN state SET DEFAULT 'submitted';
DROP TYPE stillhouse.gradient_state_0004;
CREATE UNIQUE INDEX gradient_counts_once ON stillhouse.gradient (job_id) WHERE state IN ('submitted', 'applied');

UPDATE stillhouse.version SET state = 'abandoned' WHERE state = 'lost';
DROP INDEX stillhouse.version_by_number;
DROP INDEX stillhouse.version_draft;
ALTER TABLE stillhouse.version ALTER COLUMN state DROP DEFAULT;
ALTER TYPE stillhouse.version_state RENAME TO version_state_0004;
CREATE TYPE stillhouse.version_state AS ENUM ('draft', 'published', 'retired', 'abandoned');
ALTER TABLE stillhouse.version ALTER COLUMN state TYPE stillhouse.version_state
    USING state::text::stillhouse.version_state;
ALTER TABLE stillhouse.version ALTER COLUMN state SET DEFAULT 'draft';
DROP TYPE stillhouse.version_state_0004;
CREATE UNIQUE INDEX version_by_number ON stillhouse.version (run_id, number) WHERE state IN ('published', 'retired');
CREATE INDEX version_draft ON stillhouse.version (created_at) WHERE state = 'draft';
