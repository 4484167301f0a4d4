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

DROP FUNCTION stillhouse.job_fail_v2;
DROP FUNCTION stillhouse.job_claim_v2;

ALTER TABLE stillhouse.setting DROP COLUMN rejection_limit;
ALTER TABLE stillhouse.bad_sample DROP COLUMN worker_session, DROP COLUMN from_step;
ALTER TABLE stillhouse.version_member DROP COLUMN scale;
ALTER TABLE stillhouse.job DROP COLUMN nonfinites, DROP COLUMN rejections;
ALTER TABLE stillhouse.gradient DROP COLUMN reason;

-- An enum's value cannot be dropped: the type is made again without it.
DELETE FROM stillhouse.gradient WHERE state = 'rejected';
DROP INDEX stillhouse.gradient_counts_once;
ALTER TABLE stillhouse.gradient ALTER COLUMN state DROP DEFAULT;
ALTER TYPE stillhouse.gradient_state RENAME TO gradient_state_with_rejected;
CREATE TYPE stillhouse.gradient_state AS ENUM ('submitted', 'applied', 'lost', 'void');
ALTER TABLE stillhouse.gradient ALTER COLUMN state TYPE stillhouse.gradient_state
    USING state::text::stillhouse.gradient_state;
ALTER TABLE stillhouse.gradient ALTER COLUMN state SET DEFAULT 'submitted';
DROP TYPE stillhouse.gradient_state_with_rejected;
CREATE UNIQUE INDEX gradient_counts_once ON stillhouse.gradient (job_id) WHERE state IN ('submitted', 'applied');
