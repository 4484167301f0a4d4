-- Small gradients, several at a time: what a queue of short jobs is worth is decided by how few calls a job takes.

-- Stores and enters gradients of one part each, together: gradient_put_v1 and gradient_submit_v1 in one call, for any
-- number of jobs of one session, in one transaction. For runs whose layout fits one part, and gradients without bad
-- samples; all others go the long way.
--
-- One row for each gradient offered: 'ok', 'already', 'fenced' or 'mismatch', as gradient_submit_v1 would say. A count
-- that cannot be undoes the whole call.
CREATE FUNCTION stillhouse.gradient_offer_v1(
    p_session uuid, p_jobs bigint[], p_attempts integer[], p_digests bytea[], p_data bytea[], p_samples bigint[],
    p_units bigint[], p_losses double precision[], p_terms jsonb[], p_norms double precision[]
) RETURNS TABLE (job_id bigint, attempt integer, answer text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = stillhouse, pg_temp AS $$
#variable_conflict use_column
DECLARE
    v_is_known boolean;
    v_run_id bigint;
    v_is_mismatch boolean;
    v_durability durability;
    v_jobs bigint[];
    v_attempts integer[];
    v_excess bigint;
BEGIN
    SELECT true, s.run_id, s.protocol < p.minimum OR run.parameter_count > 262144, run.durability
    INTO v_is_known, v_run_id, v_is_mismatch, v_durability
    FROM worker_session s JOIN run USING (run_id), protocol p
    WHERE s.session = p_session AND s.login = session_user;
    IF v_is_known IS NULL OR v_is_mismatch THEN
        RETURN QUERY SELECT o.job_id, o.attempt, CASE WHEN v_is_known THEN 'mismatch' ELSE 'fenced' END
        FROM unnest(p_jobs, p_attempts) AS o (job_id, attempt);
        RETURN;
    END IF;

    -- Waits for a first call that is still in flight; the statements after it then see what that one left.
    WITH held AS MATERIALIZED (
        SELECT j.job_id, j.attempt FROM unnest(p_jobs, p_attempts) AS o (job_id, attempt)
        JOIN job j ON (j.job_id, j.attempt) = (o.job_id, o.attempt)
        WHERE j.worker_session = p_session AND j.state = 'running' AND j.run_id = v_run_id
        ORDER BY j.job_id FOR UPDATE OF j
    ), submitted AS (
        UPDATE job j SET state = 'submitted', finished_at = clock_timestamp(), deadline_at = NULL
        FROM held h WHERE j.job_id = h.job_id
        RETURNING j.job_id, j.attempt, j.n_samples
    )
    SELECT array_agg(s.job_id), array_agg(s.attempt), min(s.job_id) FILTER (
        WHERE s.n_samples < (
            SELECT o.samples FROM unnest(p_jobs, p_attempts, p_samples) AS o (job_id, attempt, samples)
            WHERE (o.job_id, o.attempt) = (s.job_id, s.attempt)
        )
    )
    INTO v_jobs, v_attempts, v_excess FROM submitted s;
    IF v_excess IS NOT NULL THEN
        RAISE EXCEPTION 'the submission of job % claims more samples than it has', v_excess
            USING ERRCODE = 'check_violation';
    END IF;

    IF v_jobs IS NOT NULL THEN
        IF v_durability = 'full' THEN
            INSERT INTO gradient_chunk AS c (job_id, attempt, part, digest, data)
            SELECT o.job_id, o.attempt, 0, o.digest, o.data
            FROM unnest(p_jobs, p_attempts, p_digests, p_data) AS o (job_id, attempt, digest, data)
            WHERE (o.job_id, o.attempt) IN (SELECT * FROM unnest(v_jobs, v_attempts))
            ON CONFLICT (job_id, attempt, part) DO UPDATE SET digest = excluded.digest, data = excluded.data
            WHERE c.digest <> excluded.digest;
        ELSE
            INSERT INTO gradient_chunk_unlogged AS c (job_id, attempt, part, digest, data)
            SELECT o.job_id, o.attempt, 0, o.digest, o.data
            FROM unnest(p_jobs, p_attempts, p_digests, p_data) AS o (job_id, attempt, digest, data)
            WHERE (o.job_id, o.attempt) IN (SELECT * FROM unnest(v_jobs, v_attempts))
            ON CONFLICT (job_id, attempt, part) DO UPDATE SET digest = excluded.digest, data = excluded.data
            WHERE c.digest <> excluded.digest;
        END IF;

        INSERT INTO gradient (
            job_id, attempt, worker_session, run_id, samples, units, n_parts, digest, loss, terms, norm
        )
        SELECT o.job_id, o.attempt, p_session, v_run_id, o.samples, o.units, 1, sha256(o.digest), o.loss, o.terms, o.norm
        FROM unnest(p_jobs, p_attempts, p_digests, p_samples, p_units, p_losses, p_terms, p_norms)
            AS o (job_id, attempt, digest, samples, units, loss, terms, norm)
        WHERE (o.job_id, o.attempt) IN (SELECT * FROM unnest(v_jobs, v_attempts));

        UPDATE job_attempt a SET outcome = 'submitted', ended_at = clock_timestamp()
        FROM unnest(v_jobs, v_attempts) AS s (job_id, attempt)
        WHERE (a.job_id, a.attempt) = (s.job_id, s.attempt);
    END IF;

    RETURN QUERY
    SELECT o.job_id, o.attempt, CASE
        WHEN (o.job_id, o.attempt) IN (SELECT * FROM unnest(v_jobs, v_attempts)) THEN 'ok'
        WHEN EXISTS (
            SELECT FROM gradient g
            WHERE (g.job_id, g.attempt, g.worker_session) = (o.job_id, o.attempt, p_session)
        ) THEN 'already'
        ELSE 'fenced'
    END
    FROM unnest(p_jobs, p_attempts) AS o (job_id, attempt);
END
$$;

GRANT EXECUTE ON FUNCTION stillhouse.gradient_offer_v1(
    uuid, bigint[], integer[], bytea[], bytea[], bigint[], bigint[], double precision[], jsonb[], double precision[]
) TO stillhouse_worker;

-- Worker calls touch a handful of rows. Compiling their plans, which the server does when it takes one for long, cost 70 ms a
-- claim: it had never counted the tables of one row, as nothing changes there, and took them for hundreds. And a session
-- keeps the plans that it made while the run was new and its tables empty: through an index they stay right as those grow.
DO $$
DECLARE
    v_function regprocedure;
BEGIN
    FOR v_function IN
        SELECT p.oid::regprocedure FROM pg_proc p
        WHERE p.pronamespace = 'stillhouse'::regnamespace AND 'p_session' = ANY (p.proargnames)
    LOOP
        EXECUTE format('ALTER ROUTINE %s SET jit = off SET enable_seqscan = off', v_function);
    END LOOP;
END
$$;
ANALYZE stillhouse.setting, stillhouse.protocol, stillhouse.sentinel, stillhouse.database_epoch;
