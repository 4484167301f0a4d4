-- Evaluations of versions, done by workers: jobs of kind `evaluate`, planned with the step that makes their version and
-- available from its publication on. Their step is the number of that version, their ordinal the place in the recipe's
-- list `evaluation.sets`; so each is planned once.

-- What such a job has come to. As with an artifact it counts while its job is applied at this attempt.
CREATE TABLE stillhouse.evaluation (
    job_id bigint,
    attempt integer,
    worker_session uuid NOT NULL,
    run_id bigint NOT NULL,
    version_id bigint NOT NULL,
    name text NOT NULL,
    submitted_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    metrics jsonb NOT NULL,
    PRIMARY KEY (job_id, attempt),
    CONSTRAINT evaluation_fits CHECK (jsonb_typeof(metrics) = 'object' AND octet_length(metrics::text) <= 16384)
);

-- What is still to be evaluated: such versions are kept, and the run of the last one is not finished yet.
CREATE INDEX job_evaluation ON stillhouse.job (run_id, base_version_id)
WHERE kind = 'evaluate' AND state IN ('planned', 'available', 'running');

-- As job_claim_v3; an evaluation is handed out only when there is no other job, and only one at a time.
CREATE FUNCTION stillhouse.job_claim_v4(p_session uuid, p_limit integer, p_kinds text[])
RETURNS TABLE (
    job_id bigint, attempt integer, kind stillhouse.job_kind, step integer, ordinal integer, epoch integer,
    first_index bigint, n_samples integer, base_version_id bigint, base_number integer, deadline_s double precision,
    is_isolating boolean, excluded bigint[]
)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = stillhouse, pg_temp SET jit = off SET enable_seqscan = off AS $$
BEGIN
    -- That compares session_user with the session's login.
    RETURN QUERY SELECT * FROM job_claim_v3(p_session, p_limit, array_remove(p_kinds, 'evaluate'));
    IF NOT FOUND AND 'evaluate' = ANY (p_kinds) THEN
        RETURN QUERY SELECT * FROM job_claim_v3(p_session, least(p_limit, 1), '{evaluate}');
    END IF;
END
$$;

-- As job_fail_v2; but an evaluation that is dead blocks nothing, whatever went wrong with it.
CREATE FUNCTION stillhouse.job_fail_v3(
    p_job_id bigint, p_attempt integer, p_session uuid, p_kind text, p_error text
) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = stillhouse, pg_temp SET jit = off SET enable_seqscan = off AS $$
DECLARE
    j record;
BEGIN
    IF NOT EXISTS (SELECT FROM job WHERE job.job_id = p_job_id AND job.kind = 'evaluate') THEN
        -- That compares session_user with the session's login.
        RETURN job_fail_v2(p_job_id, p_attempt, p_session, p_kind, p_error);
    END IF;
    IF p_kind NOT IN ('error', 'nonfinite', 'diverged') THEN
        RAISE EXCEPTION 'job %: % is no kind of failure', p_job_id, p_kind USING ERRCODE = 'check_violation';
    END IF;

    UPDATE job SET
        state = CASE WHEN job.errors + 1 >= setting.error_limit THEN 'dead' ELSE 'available' END::job_state,
        errors = job.errors + 1, last_error = left(p_error, 4000), worker_session = NULL, deadline_at = NULL,
        finished_at = CASE WHEN job.errors + 1 >= setting.error_limit THEN clock_timestamp() END,
        available_at = clock_timestamp() + (0.5 + random()) * make_interval(
            secs => least(setting.backoff_maximum_s, setting.backoff_s * 2 ^ least(job.errors, 30))
        )
    FROM setting
    WHERE (job.job_id, job.attempt, job.worker_session) = (p_job_id, p_attempt, p_session) AND job.state = 'running'
        AND EXISTS (SELECT FROM worker_session s WHERE s.session = p_session AND s.login = session_user)
    RETURNING job.run_id, job.step, job.ordinal, job.state INTO j;
    IF NOT FOUND THEN
        RETURN 'fenced';
    END IF;
    UPDATE job_attempt a SET outcome = 'failed', ended_at = clock_timestamp(), error = left(p_error, 4000)
    WHERE (a.job_id, a.attempt) = (p_job_id, p_attempt);
    IF j.state <> 'dead' THEN
        RETURN 'retried';
    END IF;
    INSERT INTO event (run_id, kind, detail) VALUES (
        j.run_id, 'evaluation_dead', jsonb_build_object(
            'job_id', p_job_id, 'number', j.step, 'ordinal', j.ordinal, 'error', left(p_error, 4000)
        )
    );
    RETURN 'dead';
END
$$;

-- Enters what an evaluation has found as metrics of its version, and completes the job, in one transaction.
--
-- p_metrics is an object of numbers; one called top1 becomes the version's metric evaluation.<name>.top1, with the name
-- that the recipe has at the job's ordinal. 'ok', 'already', 'fenced' and 'mismatch' as with artifact_submit_v1.
CREATE FUNCTION stillhouse.evaluation_submit_v1(
    p_job_id bigint, p_attempt integer, p_session uuid, p_metrics jsonb
) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = stillhouse, pg_temp SET jit = off SET enable_seqscan = off AS $$
DECLARE
    j record;
BEGIN
    IF EXISTS (
        SELECT FROM worker_session s, protocol p
        WHERE s.session = p_session AND s.login = session_user AND s.protocol < p.minimum
    ) THEN
        RETURN 'mismatch';
    END IF;

    -- Waits for a first call that is still in flight; the next statement then sees what that one left.
    SELECT job.run_id, job.step, job.ordinal, job.base_version_id INTO j FROM job
    WHERE (job.job_id, job.attempt, job.worker_session) = (p_job_id, p_attempt, p_session) AND job.state = 'running'
        AND job.kind = 'evaluate'
        AND EXISTS (SELECT FROM worker_session s WHERE s.session = p_session AND s.login = session_user)
    FOR UPDATE;
    IF NOT FOUND THEN
        RETURN CASE WHEN EXISTS (
            SELECT FROM evaluation e JOIN worker_session s ON s.session = e.worker_session
            WHERE (e.job_id, e.attempt, e.worker_session) = (p_job_id, p_attempt, p_session)
                AND s.login = session_user
        ) THEN 'already' ELSE 'fenced' END;
    END IF;

    IF jsonb_typeof(p_metrics) IS DISTINCT FROM 'object' THEN
        RAISE EXCEPTION 'job %: what is submitted is no object of numbers', p_job_id USING ERRCODE = 'check_violation';
    END IF;
    IF p_metrics = '{}' OR (SELECT count(*) FROM jsonb_object_keys(p_metrics)) > 64 OR EXISTS (
        SELECT FROM jsonb_each(p_metrics) AS m (name, value)
        WHERE jsonb_typeof(m.value) <> 'number' OR octet_length(m.name) > 100
            OR m.name !~ '^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*$'
    ) THEN
        RAISE EXCEPTION 'job %: an evaluation has 1 to 64 numbers with names such as top1 or teacher.top1', p_job_id
            USING ERRCODE = 'check_violation';
    END IF;

    INSERT INTO evaluation (job_id, attempt, worker_session, run_id, version_id, name, metrics)
    SELECT p_job_id, p_attempt, p_session, j.run_id, j.base_version_id,
        coalesce(r.recipe #>> ARRAY['evaluation', 'sets', j.ordinal::text, 'name'], 'set' || j.ordinal), p_metrics
    FROM run r WHERE r.run_id = j.run_id;
    INSERT INTO metric (run_id, number, name, value)
    SELECT e.run_id, j.step, format('evaluation.%s.%s', e.name, m.name), m.value::double precision
    FROM evaluation e, jsonb_each_text(e.metrics) AS m (name, value)
    WHERE (e.job_id, e.attempt) = (p_job_id, p_attempt)
    ON CONFLICT (run_id, number, name) DO UPDATE SET value = excluded.value, at = clock_timestamp();
    UPDATE job SET state = 'applied', finished_at = clock_timestamp(), deadline_at = NULL WHERE job_id = p_job_id;
    UPDATE job_attempt a SET outcome = 'submitted', ended_at = clock_timestamp()
    WHERE (a.job_id, a.attempt) = (p_job_id, p_attempt);
    INSERT INTO event (run_id, kind, detail)
    SELECT e.run_id, 'version_evaluated', jsonb_build_object('number', j.step, 'name', e.name, 'job_id', p_job_id)
    FROM evaluation e WHERE (e.job_id, e.attempt) = (p_job_id, p_attempt);
    RETURN 'ok';
END
$$;

GRANT EXECUTE ON FUNCTION
    stillhouse.job_claim_v4(uuid, integer, text[]),
    stillhouse.job_fail_v3(bigint, integer, uuid, text, text),
    stillhouse.evaluation_submit_v1(bigint, integer, uuid, jsonb)
TO stillhouse_worker;
GRANT SELECT (job_id, attempt, run_id, version_id, name, submitted_at, metrics) ON stillhouse.evaluation
TO stillhouse_reader;
