-- The acceptance gate: gradients that are refused, jobs that are looked into, samples that are left out.

-- rejected: the aggregator has refused it and says why; its job was given to another attempt.
ALTER TYPE stillhouse.gradient_state ADD VALUE 'rejected';
ALTER TABLE stillhouse.gradient ADD COLUMN reason text;
CREATE INDEX gradient_rejected ON stillhouse.gradient (worker_session) WHERE reason IS NOT NULL;

-- How often the job's result was refused, and how often its gradient was no number.
ALTER TABLE stillhouse.job
    ADD COLUMN rejections integer NOT NULL DEFAULT 0,
    ADD COLUMN nonfinites integer NOT NULL DEFAULT 0;

-- What the gradient was multiplied by: 1, or less where one far out of line was confirmed and clipped.
ALTER TABLE stillhouse.version_member
    ADD COLUMN scale double precision NOT NULL DEFAULT 1,
    ADD CONSTRAINT version_member_scale CHECK (scale > 0 AND scale <= 1);

-- A sample with from_step is quarantined: jobs of that step and later leave it out unseen. Without, its bytes cannot be
-- decoded, which every worker finds for itself.
ALTER TABLE stillhouse.bad_sample
    ADD COLUMN from_step integer,
    ADD COLUMN worker_session uuid;

ALTER TABLE stillhouse.setting
    ADD COLUMN rejection_limit integer NOT NULL DEFAULT 3,
    ADD CONSTRAINT setting_rejections CHECK (rejection_limit > 0);

-- As job_claim_v1, and tells which samples to leave out, and whether to look into the job: an isolating attempt is the
-- last before a limit, or follows two that gave no number; it finds the samples to blame and submits the rest.
--
-- A job that went wrong is offered elsewhere first: while another session that has not failed it is alive, for as long
-- as a job may take.
CREATE FUNCTION stillhouse.job_claim_v2(p_session uuid, p_limit integer)
RETURNS TABLE (
    job_id bigint, attempt integer, step integer, ordinal integer, epoch integer, first_index bigint,
    n_samples integer, base_version_id bigint, base_number integer, deadline_s double precision,
    is_isolating boolean, excluded bigint[]
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

-- As job_fail_v1, with the kind of failure. 'error' and 'nonfinite' are charged alike: 'retried', or 'dead' at the limit.
-- 'diverged' says that no sample of the job gives a number: not the job's fault, so it stays available and the run is
-- blocked, naming the last version that still gave numbers; the answer is 'diverged'. Any may be 'fenced'.
CREATE FUNCTION stillhouse.job_fail_v2(
    p_job_id bigint, p_attempt integer, p_session uuid, p_kind text, p_error text
) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = stillhouse, pg_temp AS $$
DECLARE
    v_run_id bigint;
    v_number integer;
    v_answer text;
BEGIN
    IF p_kind NOT IN ('error', 'nonfinite', 'diverged') THEN
        RAISE EXCEPTION 'job %: % is no kind of failure', p_job_id, p_kind USING ERRCODE = 'check_violation';
    END IF;
    IF p_kind <> 'diverged' THEN
        v_answer := job_fail_v1(p_job_id, p_attempt, p_session, p_error);
        IF p_kind = 'nonfinite' AND v_answer IN ('retried', 'dead') THEN
            UPDATE job j SET nonfinites = j.nonfinites + 1 WHERE j.job_id = p_job_id;
        END IF;
        RETURN v_answer;
    END IF;

    -- The head is locked before the job, as everywhere.
    PERFORM FROM run_head h
    WHERE h.run_id = (
        SELECT j.run_id FROM job j WHERE (j.job_id, j.attempt, j.worker_session) = (p_job_id, p_attempt, p_session)
    ) FOR UPDATE;
    UPDATE job j SET state = 'available', last_error = left(p_error, 4000), worker_session = NULL, deadline_at = NULL,
        available_at = clock_timestamp(), nonfinites = j.nonfinites + 1
    WHERE (j.job_id, j.attempt, j.worker_session) = (p_job_id, p_attempt, p_session) AND j.state = 'running'
        AND EXISTS (SELECT FROM worker_session s WHERE s.session = p_session AND s.login = session_user)
    RETURNING j.run_id, (SELECT v.number FROM version v WHERE v.version_id = j.base_version_id)
    INTO v_run_id, v_number;
    IF NOT FOUND THEN
        RETURN 'fenced';
    END IF;
    UPDATE job_attempt a SET outcome = 'failed', ended_at = clock_timestamp(), error = left(p_error, 4000)
    WHERE (a.job_id, a.attempt) = (p_job_id, p_attempt);
    UPDATE run_head h SET state = 'blocked', reason = format(
        'version %s gives no number for any sample of job %s; %s. %s',
        v_number, p_job_id,
        CASE WHEN v_number > 0 THEN format('version %s is the last good one', v_number - 1)
            ELSE 'these are the start weights' END,
        left(p_error, 4000)
    )
    WHERE h.run_id = v_run_id AND h.state = 'active';
    INSERT INTO event (run_id, kind, detail)
    VALUES (v_run_id, 'run_diverged', jsonb_build_object(
        'number', v_number, 'last_good', CASE WHEN v_number > 0 THEN v_number - 1 END, 'job_id', p_job_id,
        'error', left(p_error, 4000)
    ));
    PERFORM pg_notify('stillhouse_' || v_run_id, 'control');
    RETURN 'diverged';
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
    RETURNING job.run_id, job.step, job.n_samples INTO j;
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
    -- A quarantined sample stays out from this step on, so that every attempt at the job leaves out the same ones.
    INSERT INTO bad_sample AS known (run_id, sample_id, key, reason, job_id, from_step, worker_session)
    SELECT j.run_id, b.sample_id, b.key, b.reason, p_job_id, CASE WHEN b.is_quarantined THEN j.step END, p_session
    FROM jsonb_to_recordset(p_bad_samples) AS b (sample_id bigint, key text, reason text, is_quarantined boolean)
    ORDER BY b.sample_id
    ON CONFLICT (run_id, sample_id) DO UPDATE SET
        from_step = excluded.from_step, reason = excluded.reason, job_id = excluded.job_id,
        worker_session = excluded.worker_session, at = clock_timestamp()
    WHERE excluded.from_step < known.from_step OR known.from_step IS NULL AND excluded.from_step IS NOT NULL;
    INSERT INTO event (run_id, kind, detail)
    SELECT j.run_id, 'sample_quarantined',
        jsonb_build_object('sample_id', q.sample_id, 'key', q.key, 'reason', q.reason, 'from_step', q.from_step)
    FROM bad_sample q
    WHERE q.run_id = j.run_id AND q.job_id = p_job_id AND q.from_step = j.step AND q.worker_session = p_session
        AND q.sample_id IN (
            SELECT b.sample_id FROM jsonb_to_recordset(p_bad_samples) AS b (sample_id bigint, is_quarantined boolean)
            WHERE b.is_quarantined
        )
    ORDER BY q.sample_id;
    RETURN 'ok';
END
$$;

REVOKE ALL ON ALL FUNCTIONS IN SCHEMA stillhouse FROM PUBLIC;
