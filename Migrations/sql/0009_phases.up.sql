-- Jobs of several kinds, and steps of two phases: first every sample of a step is embedded, then each gradient is computed
-- among the embeddings of all of them.

-- gradient: its result is a gradient. embed: an artifact, what the samples of its positions must know of each other.
-- evaluate: metrics of one version; belongs to no step's sum.
CREATE TYPE stillhouse.job_kind AS ENUM ('gradient', 'embed', 'evaluate');

ALTER TABLE stillhouse.job ADD COLUMN kind stillhouse.job_kind NOT NULL DEFAULT 'gradient';
DROP INDEX stillhouse.job_by_step;
CREATE UNIQUE INDEX job_by_step ON stillhouse.job (run_id, step, kind, ordinal);

-- Phase 0 embeds, phase 1 computes gradients; a step without embed jobs knows only phase 1. n_jobs counts gradients.
ALTER TABLE stillhouse.step
    ADD COLUMN phase smallint NOT NULL DEFAULT 1,
    ADD COLUMN n_embeds integer NOT NULL DEFAULT 0,
    -- What phase 1 is computed among: SHA-256 over the ordinals and digests of the artifacts.
    ADD COLUMN embed_digest bytea,
    ADD CONSTRAINT step_phase_has_embeddings CHECK (
        n_embeds >= 0 AND CASE
            WHEN n_embeds = 0 THEN phase = 1 AND embed_digest IS NULL
            ELSE phase IN (0, 1) AND (phase = 1) = (embed_digest IS NOT NULL)
        END
    ),
    ADD CONSTRAINT step_embed_digest_is_sha256 CHECK (octet_length(embed_digest) = 32);

-- NULL while too few embed jobs are known; job_deadline_s is that of gradients.
ALTER TABLE stillhouse.run_head ADD COLUMN embed_deadline_s double precision;

COMMENT ON COLUMN stillhouse.run.parameter_count IS
    'Numbers of a job''s payload: its gradient and, behind it, the sums that the objective keeps statistics of.';

-- The manifest of an embed job's result. It has no state: it counts while its job is submitted or applied at this attempt.
CREATE TABLE stillhouse.artifact (
    job_id bigint,
    attempt integer,
    worker_session uuid NOT NULL,
    run_id bigint NOT NULL,
    submitted_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    samples bigint NOT NULL,
    n_parts integer NOT NULL,
    -- SHA-256 of its parts' digests, one after the other.
    digest bytea NOT NULL,
    PRIMARY KEY (job_id, attempt),
    CONSTRAINT artifact_counts CHECK (samples >= 0 AND n_parts > 0 AND octet_length(digest) = 32)
);

-- LOGGED, unlike gradients: small, and a crash of the database in the second phase must not cost the first.
CREATE TABLE stillhouse.artifact_chunk (
    job_id bigint,
    attempt integer,
    part integer,
    digest bytea NOT NULL,
    data bytea NOT NULL,
    PRIMARY KEY (job_id, attempt, part),
    CONSTRAINT artifact_chunk_fits CHECK (octet_length(digest) = 32 AND octet_length(data) BETWEEN 1 AND 1048576)
);
ALTER TABLE stillhouse.artifact_chunk ALTER COLUMN data SET STORAGE EXTERNAL;

-- The artifacts that count, by the step that they belong to.
CREATE VIEW stillhouse.step_artifact AS
SELECT j.run_id, j.step, j.ordinal, a.job_id, a.attempt, a.samples, a.n_parts, a.digest, s.phase, s.embed_digest
FROM stillhouse.job j
JOIN stillhouse.artifact a ON (a.job_id, a.attempt) = (j.job_id, j.attempt)
JOIN stillhouse.step s ON (s.run_id, s.step) = (j.run_id, j.step)
WHERE j.kind = 'embed' AND j.state IN ('submitted', 'applied');

-- A job of another kind is not done by a gradient, whichever function enters that. Costs gradients nothing.
CREATE FUNCTION stillhouse.job_result() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = stillhouse, pg_temp AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM artifact a WHERE (a.job_id, a.attempt) = (NEW.job_id, NEW.attempt)) THEN
        RAISE EXCEPTION 'job % is of kind %: its result is no gradient', NEW.job_id, NEW.kind
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER job_result BEFORE UPDATE ON stillhouse.job
FOR EACH ROW WHEN (NEW.kind <> 'gradient' AND NEW.state = 'submitted' AND OLD.state <> 'submitted')
EXECUTE FUNCTION stillhouse.job_result();

-- As job_claim_v2, for jobs of the kinds that the caller can do, and tells which one each is of.
CREATE FUNCTION stillhouse.job_claim_v3(p_session uuid, p_limit integer, p_kinds text[])
RETURNS TABLE (
    job_id bigint, attempt integer, kind stillhouse.job_kind, step integer, ordinal integer, epoch integer,
    first_index bigint, n_samples integer, base_version_id bigint, base_number integer, deadline_s double precision,
    is_isolating boolean, excluded bigint[]
)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = stillhouse, pg_temp SET jit = off SET enable_seqscan = off AS $$
#variable_conflict use_column
DECLARE
    v_run_id bigint;
    v_gradient_s double precision;
    v_embed_s double precision;
    v_maximum_s double precision;
    -- One reading, so that a deadline lies exactly so far behind its claim.
    v_now timestamptz := clock_timestamp();
BEGIN
    SELECT s.run_id, h.job_deadline_s, coalesce(h.embed_deadline_s, c.deadline_initial_s), c.deadline_maximum_s
    INTO v_run_id, v_gradient_s, v_embed_s, v_maximum_s
    FROM worker_session s JOIN run_head h USING (run_id), protocol p, setting c
    WHERE s.session = p_session AND s.login = session_user AND s.state = 'active' AND s.protocol >= p.minimum
        AND h.state = 'active' AND NOT h.paused
        AND h.restoring_since IS NULL AND EXISTS (SELECT FROM sentinel);
    IF NOT FOUND THEN
        RETURN;
    END IF;

    RETURN QUERY
    WITH picked AS MATERIALIZED (
        SELECT j.job_id, j.errors, j.rejections, j.nonfinites, d.deadline_s FROM job j, LATERAL (
            SELECT CASE j.kind WHEN 'gradient' THEN v_gradient_s WHEN 'embed' THEN v_embed_s ELSE v_maximum_s END
                AS deadline_s
        ) d
        WHERE j.run_id = v_run_id AND j.state = 'available' AND j.available_at <= clock_timestamp()
            AND j.kind = ANY (p_kinds::job_kind[])
            AND (
                j.errors + j.rejections = 0
                OR j.available_at <= clock_timestamp() - make_interval(secs => d.deadline_s)
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
        SELECT p.job_id, p.deadline_s,
            p.errors + 1 >= setting.error_limit OR p.rejections + 1 >= setting.rejection_limit OR p.nonfinites >= 2
                AS is_isolating
        FROM picked p, setting
    ), claimed AS (
        -- Bisecting n samples computes each about log2 n times.
        UPDATE job j SET state = 'running', attempt = j.attempt + 1, worker_session = p_session,
            claimed_at = v_now, deadline_at = v_now + make_interval(
                secs => CASE WHEN charged.is_isolating THEN greatest(charged.deadline_s, least(
                    v_maximum_s, charged.deadline_s * (3 + ceil(log(2, j.n_samples::numeric)))::double precision
                )) ELSE charged.deadline_s END
            )
        FROM charged WHERE j.job_id = charged.job_id
        RETURNING j.*, charged.is_isolating
    ), opened AS (
        INSERT INTO job_attempt (job_id, attempt, worker_session, started_at)
        SELECT c.job_id, c.attempt, p_session, c.claimed_at FROM claimed c
    )
    SELECT c.job_id, c.attempt, c.kind, c.step, c.ordinal, c.epoch, c.first_index, c.n_samples, c.base_version_id,
        v.number, extract(epoch FROM c.deadline_at - c.claimed_at)::double precision, c.is_isolating,
        ARRAY (
            SELECT b.sample_id FROM bad_sample b
            WHERE b.run_id = v_run_id AND b.from_step <= c.step ORDER BY b.sample_id
        )
    FROM claimed c JOIN version v ON v.version_id = c.base_version_id
    ORDER BY c.job_id;
END
$$;

-- What workers of earlier releases call. They know of gradients only, and get nothing else.
CREATE OR REPLACE FUNCTION stillhouse.job_claim_v2(p_session uuid, p_limit integer)
RETURNS TABLE (
    job_id bigint, attempt integer, step integer, ordinal integer, epoch integer, first_index bigint,
    n_samples integer, base_version_id bigint, base_number integer, deadline_s double precision,
    is_isolating boolean, excluded bigint[]
)
LANGUAGE sql SECURITY DEFINER SET search_path = stillhouse, pg_temp SET jit = off SET enable_seqscan = off AS $$
    -- That compares session_user with the session's login.
    SELECT c.job_id, c.attempt, c.step, c.ordinal, c.epoch, c.first_index, c.n_samples, c.base_version_id,
        c.base_number, c.deadline_s, c.is_isolating, c.excluded
    FROM job_claim_v3(p_session, p_limit, '{gradient}') c
$$;

CREATE OR REPLACE FUNCTION stillhouse.job_claim_v1(p_session uuid, p_limit integer)
RETURNS TABLE (
    job_id bigint, attempt integer, step integer, ordinal integer, epoch integer, first_index bigint,
    n_samples integer, base_version_id bigint, base_number integer, deadline_s double precision
)
LANGUAGE sql SECURITY DEFINER SET search_path = stillhouse, pg_temp SET jit = off SET enable_seqscan = off AS $$
    -- That compares session_user with the session's login.
    SELECT c.job_id, c.attempt, c.step, c.ordinal, c.epoch, c.first_index, c.n_samples, c.base_version_id,
        c.base_number, c.deadline_s
    FROM job_claim_v3(p_session, p_limit, '{gradient}') c
$$;

-- Stores what an embed job has come to and completes the job, in one transaction.
--
-- 'ok'; 'already' when this very token is in the ledger, so that a call whose reply was lost is simply repeated; 'fenced'
-- when the job is no longer the caller's, or no embed job; 'mismatch' when it speaks an old protocol. If the parts are not
-- those of the digest, error SH001 undoes everything: send them again.
CREATE FUNCTION stillhouse.artifact_submit_v1(
    p_job_id bigint, p_attempt integer, p_session uuid, p_samples bigint, p_digest bytea, p_parts bytea[],
    p_bad_samples jsonb
) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = stillhouse, pg_temp SET jit = off SET enable_seqscan = off AS $$
DECLARE
    j record;
    v_stored record;
BEGIN
    IF EXISTS (
        SELECT FROM worker_session s, protocol p
        WHERE s.session = p_session AND s.login = session_user AND s.protocol < p.minimum
    ) THEN
        RETURN 'mismatch';
    END IF;

    -- Waits for a first call that is still in flight; the next statement then sees what that one left.
    SELECT job.run_id, job.step, job.n_samples INTO j FROM job
    WHERE (job.job_id, job.attempt, job.worker_session) = (p_job_id, p_attempt, p_session) AND job.state = 'running'
        AND job.kind = 'embed'
        AND EXISTS (SELECT FROM worker_session s WHERE s.session = p_session AND s.login = session_user)
    FOR UPDATE;
    IF NOT FOUND THEN
        RETURN CASE WHEN EXISTS (
            SELECT FROM artifact a JOIN worker_session s ON s.session = a.worker_session
            WHERE (a.job_id, a.attempt, a.worker_session) = (p_job_id, p_attempt, p_session)
                AND s.login = session_user
        ) THEN 'already' ELSE 'fenced' END;
    END IF;

    -- What a sample may take is far beyond what any objective has to say of it, and bounds what a worker may store.
    IF p_samples > j.n_samples
        OR (SELECT sum(octet_length(p.data)) FROM unnest(p_parts) AS p (data)) > (j.n_samples + 1) * 65536::bigint THEN
        RAISE EXCEPTION 'job % has % samples, the artifact is too large for them', p_job_id, j.n_samples
            USING ERRCODE = 'check_violation';
    END IF;
    WITH stored AS (
        INSERT INTO artifact_chunk (job_id, attempt, part, digest, data)
        SELECT p_job_id, p_attempt, p.part - 1, sha256(p.data), p.data
        FROM unnest(p_parts) WITH ORDINALITY AS p (data, part)
        RETURNING part, digest
    )
    SELECT count(*) AS parts, sha256(string_agg(s.digest, ''::bytea ORDER BY s.part)) AS digest INTO v_stored
    FROM stored s;
    IF v_stored.digest IS DISTINCT FROM p_digest THEN
        RAISE EXCEPTION 'job %, attempt %: the digest of % parts differs from the manifest', p_job_id, p_attempt,
            v_stored.parts USING ERRCODE = 'SH001', HINT = 'Send every part of this attempt again.';
    END IF;
    INSERT INTO artifact (job_id, attempt, worker_session, run_id, samples, n_parts, digest)
    VALUES (p_job_id, p_attempt, p_session, j.run_id, p_samples, v_stored.parts, p_digest);
    UPDATE job SET state = 'submitted', finished_at = clock_timestamp(), deadline_at = NULL WHERE job_id = p_job_id;
    UPDATE job_attempt a SET outcome = 'submitted', ended_at = clock_timestamp()
    WHERE (a.job_id, a.attempt) = (p_job_id, p_attempt);

    -- As with gradients: a quarantined sample stays out from this step on.
    WITH reported AS (
        SELECT b.* FROM jsonb_to_recordset(p_bad_samples)
            AS b (sample_id bigint, key text, reason text, is_quarantined boolean)
    ), noted AS (
        INSERT INTO bad_sample AS known (run_id, sample_id, key, reason, job_id, from_step, worker_session)
        SELECT j.run_id, b.sample_id, b.key, b.reason, p_job_id, CASE WHEN b.is_quarantined THEN j.step END, p_session
        FROM reported b ORDER BY b.sample_id
        ON CONFLICT (run_id, sample_id) DO UPDATE SET
            from_step = excluded.from_step, reason = excluded.reason, job_id = excluded.job_id,
            worker_session = excluded.worker_session, at = clock_timestamp()
        WHERE excluded.from_step < known.from_step OR known.from_step IS NULL AND excluded.from_step IS NOT NULL
        RETURNING sample_id, key, reason, from_step
    )
    INSERT INTO event (run_id, kind, detail)
    SELECT j.run_id, 'sample_quarantined',
        jsonb_build_object('sample_id', n.sample_id, 'key', n.key, 'reason', n.reason, 'from_step', n.from_step)
    FROM noted n WHERE n.from_step IS NOT NULL ORDER BY n.sample_id;
    RETURN 'ok';
END
$$;

-- A worker reads the embeddings of its step itself; neither relation holds a session id.
GRANT EXECUTE ON FUNCTION
    stillhouse.job_claim_v3(uuid, integer, text[]),
    stillhouse.artifact_submit_v1(bigint, integer, uuid, bigint, bytea, bytea[], jsonb)
TO stillhouse_worker;
GRANT SELECT ON stillhouse.step_artifact, stillhouse.artifact_chunk TO stillhouse_worker;
GRANT SELECT ON stillhouse.step_artifact TO stillhouse_reader;
GRANT SELECT (job_id, attempt, run_id, submitted_at, samples, n_parts, digest) ON stillhouse.artifact
TO stillhouse_reader;
GRANT SELECT (kind) ON stillhouse.job TO stillhouse_reader;
GRANT SELECT (phase, n_embeds, embed_digest) ON stillhouse.step TO stillhouse_reader;
GRANT SELECT (embed_deadline_s) ON stillhouse.run_head TO stillhouse_reader;
