-- Everything a worker may do, one statement a call, so that no worker ever holds a transaction open.
--
-- Each function runs with its owner's rights, trusts no search path, and serves a session only to the login that opened
-- it. A worker whose fence is lost gets an answer, never an error. Locks are taken in the order run_head, job, gradient.

-- Lets a session work for a run, provided that both sides mean the same recipe, layout, dataset and protocol.
-- Repeating the call of a session that is still open, say after a lost reply, is harmless.
CREATE FUNCTION stillhouse.session_open_v1(
    p_session uuid, p_run_id bigint, p_host text, p_device text, p_build text, p_numeric_profile text,
    p_protocol integer, p_recipe_digest bytea, p_layout_digest bytea, p_dataset_digest bytea
) RETURNS TABLE (outcome text, alias bigint, minimum_protocol integer, current_protocol integer)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = stillhouse, pg_temp AS $$
#variable_conflict use_column
DECLARE
    r record;
BEGIN
    SELECT p.minimum, p.current INTO minimum_protocol, current_protocol FROM protocol p;
    SELECT run.recipe_digest, run.layout_digest, run.dataset_digest, h.state INTO r
    FROM run JOIN run_head h USING (run_id) WHERE run.run_id = p_run_id;
    outcome := CASE
        WHEN p_protocol NOT BETWEEN minimum_protocol AND current_protocol THEN 'protocol'
        WHEN r IS NULL OR r.state NOT IN ('active', 'blocked') THEN 'run'
        WHEN r.recipe_digest IS DISTINCT FROM p_recipe_digest THEN 'recipe'
        WHEN r.layout_digest IS DISTINCT FROM p_layout_digest THEN 'layout'
        WHEN r.dataset_digest IS DISTINCT FROM p_dataset_digest THEN 'dataset'
        -- The last tenth of the connections belongs to the coordinator, the aggregators and the operator.
        WHEN (SELECT sum(numbackends) FROM pg_stat_database) > 0.9 * current_setting('max_connections')::integer
            THEN 'connections'
    END;
    IF outcome IS NOT NULL THEN
        RETURN NEXT;
        RETURN;
    END IF;

    -- Equal weights are promised on equal CPU kernels only: a second kind that joins is worth an event.
    INSERT INTO event (run_id, kind, detail)
    SELECT p_run_id, 'numeric_profile_joined', jsonb_build_object('numeric_profile', p_numeric_profile)
    FROM (SELECT array_agg(DISTINCT s.numeric_profile) AS seen FROM worker_session s WHERE s.run_id = p_run_id) known
    WHERE cardinality(known.seen) > 0 AND NOT p_numeric_profile = ANY (known.seen);

    INSERT INTO worker_session AS s (session, login, run_id, host, device, build, numeric_profile, protocol)
    VALUES (p_session, session_user, p_run_id, p_host, p_device, p_build, p_numeric_profile, p_protocol)
    ON CONFLICT (session) DO UPDATE SET last_seen = clock_timestamp()
    WHERE s.login = session_user AND s.run_id = p_run_id AND s.state <> 'closed'
    RETURNING s.alias INTO alias;
    outcome := CASE WHEN alias IS NULL THEN 'session' ELSE 'ok' END;
    RETURN NEXT;
END
$$;

-- Says "I live, and these jobs are mine"; the reply is all the control that a worker needs, with or without LISTEN.
-- No row means that the session is unknown or closed: the worker must open another.
CREATE FUNCTION stillhouse.session_beat_v1(
    p_session uuid, p_jobs bigint[], p_attempts integer[], p_number integer, p_is_draining boolean, p_stats jsonb
) RETURNS TABLE (
    server_time timestamptz, head_version_id bigint, head_number integer, run_state text, is_paused boolean,
    must_drain boolean, revoked_jobs bigint[], revoked_attempts integer[], minimum_protocol integer
)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = stillhouse, pg_temp AS $$
#variable_conflict use_column
DECLARE
    v_run_id bigint;
BEGIN
    -- A beat lost in a crash costs one interval, hence no wait for the disk.
    PERFORM set_config('synchronous_commit', 'off', true);
    UPDATE worker_session s
    SET last_seen = clock_timestamp(), number = p_number, stats = p_stats,
        state = CASE WHEN p_is_draining THEN 'draining' ELSE s.state END
    WHERE s.session = p_session AND s.login = session_user AND s.state <> 'closed'
    RETURNING s.run_id, s.state = 'draining' INTO v_run_id, must_drain;
    IF NOT FOUND THEN
        RETURN;
    END IF;

    -- Jobs whose claim was answered into the void: ours by the table, unknown to the worker. Nobody is charged.
    -- The grace lets a claim's reply arrive and enter the next beat; SKIP LOCKED lets a submission in flight pass.
    WITH forgotten AS MATERIALIZED (
        SELECT j.job_id FROM job j, setting
        WHERE j.worker_session = p_session AND j.state = 'running'
            AND j.claimed_at < clock_timestamp() - make_interval(secs => setting.reconcile_after_s)
            AND NOT EXISTS (
                SELECT FROM unnest(p_jobs, p_attempts) AS held (job_id, attempt)
                WHERE (held.job_id, held.attempt) = (j.job_id, j.attempt)
            )
        ORDER BY j.job_id FOR UPDATE OF j SKIP LOCKED
    ), freed AS (
        UPDATE job j SET state = 'available', worker_session = NULL, deadline_at = NULL
        FROM forgotten f WHERE j.job_id = f.job_id
        RETURNING j.job_id, j.attempt
    )
    UPDATE job_attempt a SET outcome = 'released', ended_at = clock_timestamp(), error = 'absent from a beat'
    FROM freed WHERE (a.job_id, a.attempt) = (freed.job_id, freed.attempt);

    SELECT array_agg(held.job_id ORDER BY held.job_id, held.attempt),
        array_agg(held.attempt ORDER BY held.job_id, held.attempt)
    INTO revoked_jobs, revoked_attempts
    FROM unnest(p_jobs, p_attempts) AS held (job_id, attempt)
    WHERE NOT EXISTS (
        SELECT FROM job j
        WHERE (j.job_id, j.attempt, j.worker_session) = (held.job_id, held.attempt, p_session) AND j.state = 'running'
    );
    revoked_jobs := coalesce(revoked_jobs, '{}');
    revoked_attempts := coalesce(revoked_attempts, '{}');

    SELECT h.version_id, h.number, h.state::text, h.paused
    INTO head_version_id, head_number, run_state, is_paused
    FROM run_head h WHERE h.run_id = v_run_id;
    SELECT p.minimum INTO minimum_protocol FROM protocol p;
    server_time := clock_timestamp();
    RETURN NEXT;
END
$$;

-- Ends a session and gives back, without charge, whatever it still holds.
CREATE FUNCTION stillhouse.session_close_v1(p_session uuid, p_exit_code integer) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = stillhouse, pg_temp AS $$
BEGIN
    UPDATE worker_session SET state = 'closed', ended_at = clock_timestamp(), exit_code = p_exit_code
    WHERE session = p_session AND login = session_user AND state <> 'closed';
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    WITH held AS MATERIALIZED (
        SELECT j.job_id FROM job j WHERE j.worker_session = p_session AND j.state = 'running'
        ORDER BY j.job_id FOR UPDATE
    ), freed AS (
        UPDATE job j SET state = 'available', worker_session = NULL, deadline_at = NULL
        FROM held WHERE j.job_id = held.job_id
        RETURNING j.job_id, j.attempt
    )
    UPDATE job_attempt a SET outcome = 'released', ended_at = clock_timestamp(), error = 'session closed'
    FROM freed WHERE (a.job_id, a.attempt) = (freed.job_id, freed.attempt);
    RETURN true;
END
$$;

-- Hands out at most p_limit jobs of the session's run, the oldest first; none while it is paused or not active.
CREATE FUNCTION stillhouse.job_claim_v1(p_session uuid, p_limit integer)
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

-- Gives a job back without charge: the worker is draining, or the version it should start from is gone.
CREATE FUNCTION stillhouse.job_release_v1(p_job_id bigint, p_attempt integer, p_session uuid) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = stillhouse, pg_temp AS $$
BEGIN
    UPDATE job j SET state = 'available', worker_session = NULL, deadline_at = NULL
    WHERE (j.job_id, j.attempt, j.worker_session) = (p_job_id, p_attempt, p_session) AND j.state = 'running'
        AND EXISTS (SELECT FROM worker_session s WHERE s.session = p_session AND s.login = session_user);
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    UPDATE job_attempt a SET outcome = 'released', ended_at = clock_timestamp()
    WHERE (a.job_id, a.attempt) = (p_job_id, p_attempt);
    RETURN true;
END
$$;

-- Reports an error: 'retried' after a pause, 'dead' at the limit (which blocks the run, since its step cannot close
-- without the job), or 'fenced'. The pause doubles each time and varies by half, so that a fleet does not move in step.
CREATE FUNCTION stillhouse.job_fail_v1(p_job_id bigint, p_attempt integer, p_session uuid, p_error text) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = stillhouse, pg_temp AS $$
DECLARE
    v_run_id bigint;
    v_state job_state;
BEGIN
    -- The head is locked before the job, as everywhere, if this could be the error that kills it.
    PERFORM FROM run_head h
    WHERE h.run_id = (
        SELECT j.run_id FROM job j, setting
        WHERE (j.job_id, j.attempt, j.worker_session) = (p_job_id, p_attempt, p_session)
            AND j.errors + 1 >= setting.error_limit
    ) FOR UPDATE;

    UPDATE job j SET
        state = CASE WHEN j.errors + 1 >= setting.error_limit THEN 'dead' ELSE 'available' END::job_state,
        errors = j.errors + 1, last_error = left(p_error, 4000), worker_session = NULL, deadline_at = NULL,
        finished_at = CASE WHEN j.errors + 1 >= setting.error_limit THEN clock_timestamp() END,
        available_at = clock_timestamp() + (0.5 + random()) * make_interval(
            secs => least(setting.backoff_maximum_s, setting.backoff_s * 2 ^ least(j.errors, 30))
        )
    FROM setting
    WHERE (j.job_id, j.attempt, j.worker_session) = (p_job_id, p_attempt, p_session) AND j.state = 'running'
        AND EXISTS (SELECT FROM worker_session s WHERE s.session = p_session AND s.login = session_user)
    RETURNING j.run_id, j.state INTO v_run_id, v_state;
    IF NOT FOUND THEN
        RETURN 'fenced';
    END IF;
    UPDATE job_attempt a SET outcome = 'failed', ended_at = clock_timestamp(), error = left(p_error, 4000)
    WHERE (a.job_id, a.attempt) = (p_job_id, p_attempt);
    IF v_state <> 'dead' THEN
        RETURN 'retried';
    END IF;

    UPDATE run_head h SET state = 'blocked', reason = format('job %s is dead: %s', p_job_id, left(p_error, 4000))
    WHERE h.run_id = v_run_id AND h.state = 'active';
    INSERT INTO event (run_id, kind, detail)
    VALUES (v_run_id, 'job_dead', jsonb_build_object('job_id', p_job_id, 'error', left(p_error, 4000)));
    RETURN 'dead';
END
$$;

-- Stores one part of a gradient; storing it again does nothing. False means fenced.
CREATE FUNCTION stillhouse.gradient_put_v1(
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
CREATE FUNCTION stillhouse.gradient_submit_v1(
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

REVOKE ALL ON ALL FUNCTIONS IN SCHEMA stillhouse FROM PUBLIC;
