-- Steps of two phases lose their first one: their runs cannot go on under the schema before.
DROP TRIGGER job_result ON stillhouse.job;
DROP FUNCTION stillhouse.job_result();
DROP FUNCTION stillhouse.artifact_submit_v1(bigint, integer, uuid, bigint, bytea, bytea[], jsonb);
DROP FUNCTION stillhouse.job_claim_v3(uuid, integer, text[]);
DROP VIEW stillhouse.step_artifact;
DROP TABLE stillhouse.artifact_chunk, stillhouse.artifact;

CREATE OR REPLACE FUNCTION stillhouse.job_claim_v1(p_session uuid, p_limit integer)
RETURNS TABLE (
    job_id bigint, attempt integer, step integer, ordinal integer, epoch integer, first_index bigint,
    n_samples integer, base_version_id bigint, base_number integer, deadline_s double precision
)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = stillhouse, pg_temp SET jit = off SET enable_seqscan = off AS $$
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

CREATE OR REPLACE FUNCTION stillhouse.job_claim_v2(p_session uuid, p_limit integer)
RETURNS TABLE (
    job_id bigint, attempt integer, step integer, ordinal integer, epoch integer, first_index bigint,
    n_samples integer, base_version_id bigint, base_number integer, deadline_s double precision,
    is_isolating boolean, excluded bigint[]
)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = stillhouse, pg_temp SET jit = off SET enable_seqscan = off AS $$
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
        SELECT j.job_id, j.errors, j.rejections, j.nonfinites FROM job j
        WHERE j.run_id = v_run_id AND j.state = 'available' AND j.available_at <= clock_timestamp()
            AND (
                j.errors + j.rejections = 0
                OR j.available_at <= clock_timestamp() - make_interval(secs => v_deadline_s)
                OR NOT EXISTS (
                    SELECT FROM job_attempt a LEFT JOIN gradient g USING (job_id, attempt)
                    WHERE a.job_id = j.job_id AND a.worker_session = p_session
                        AND (a.outcome = 'failed' OR g.state = 'rejected')
                )
                OR NOT EXISTS (
                    SELECT FROM worker_session w, setting
                    WHERE w.run_id = v_run_id AND w.state = 'active' AND w.session <> p_session
                        AND w.last_seen > clock_timestamp() - make_interval(secs => setting.session_ttl_s)
                        AND NOT EXISTS (
                            SELECT FROM job_attempt a LEFT JOIN gradient g USING (job_id, attempt)
                            WHERE a.job_id = j.job_id AND a.worker_session = w.session
                                AND (a.outcome = 'failed' OR g.state = 'rejected')
                        )
                )
            )
        ORDER BY j.job_id LIMIT p_limit FOR UPDATE OF j SKIP LOCKED
    ), charged AS (
        SELECT p.job_id,
            p.errors + 1 >= setting.error_limit OR p.rejections + 1 >= setting.rejection_limit OR p.nonfinites >= 2
                AS is_isolating,
            setting.deadline_maximum_s
        FROM picked p, setting
    ), claimed AS (
        -- Bisecting n samples computes each about log2 n times.
        UPDATE job j SET state = 'running', attempt = j.attempt + 1, worker_session = p_session,
            claimed_at = clock_timestamp(), deadline_at = clock_timestamp() + make_interval(
                secs => CASE WHEN charged.is_isolating THEN greatest(v_deadline_s, least(
                    charged.deadline_maximum_s, v_deadline_s * (3 + ceil(log(2, j.n_samples::numeric)))::double precision
                )) ELSE v_deadline_s END
            )
        FROM charged WHERE j.job_id = charged.job_id
        RETURNING j.*, charged.is_isolating
    ), opened AS (
        INSERT INTO job_attempt (job_id, attempt, worker_session, started_at)
        SELECT c.job_id, c.attempt, p_session, c.claimed_at FROM claimed c
    )
    SELECT c.job_id, c.attempt, c.step, c.ordinal, c.epoch, c.first_index, c.n_samples, c.base_version_id, v.number,
        extract(epoch FROM c.deadline_at - c.claimed_at)::double precision, c.is_isolating,
        ARRAY (
            SELECT b.sample_id FROM bad_sample b
            WHERE b.run_id = v_run_id AND b.from_step <= c.step ORDER BY b.sample_id
        )
    FROM claimed c JOIN version v ON v.version_id = c.base_version_id
    ORDER BY c.job_id;
END
$$;

DELETE FROM stillhouse.job_attempt a USING stillhouse.job j WHERE j.job_id = a.job_id AND j.kind <> 'gradient';
DELETE FROM stillhouse.job WHERE kind <> 'gradient';
DROP INDEX stillhouse.job_by_step;
CREATE UNIQUE INDEX job_by_step ON stillhouse.job (run_id, step, ordinal);
ALTER TABLE stillhouse.job DROP COLUMN kind;
DROP TYPE stillhouse.job_kind;
ALTER TABLE stillhouse.step DROP COLUMN phase, DROP COLUMN n_embeds, DROP COLUMN embed_digest;
ALTER TABLE stillhouse.run_head DROP COLUMN embed_deadline_s;
COMMENT ON COLUMN stillhouse.run.parameter_count IS NULL;
