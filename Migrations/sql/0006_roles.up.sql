-- Who may do what. Three groups without login: stillhouse_owner owns everything, stillhouse_worker calls the worker
-- functions and reads weights, stillhouse_reader reads everything but payloads and session ids.
--
-- Roles belong to the whole server: they are made only where absent, by whichever database migrates first, and stay when
-- this migration is undone.

DO $$
DECLARE
    v_group name;
    v_remedy text := 'CREATE ROLE stillhouse_owner NOLOGIN; CREATE ROLE stillhouse_worker NOLOGIN; '
        || 'CREATE ROLE stillhouse_reader NOLOGIN; ' || format('GRANT stillhouse_owner TO %I;', current_user);
BEGIN
    FOREACH v_group IN ARRAY ARRAY['stillhouse_owner', 'stillhouse_worker', 'stillhouse_reader'] LOOP
        CONTINUE WHEN EXISTS (SELECT FROM pg_roles WHERE rolname = v_group);
        BEGIN
            EXECUTE format('CREATE ROLE %I NOLOGIN', v_group);
        EXCEPTION
            -- Another database of this server was faster.
            WHEN duplicate_object OR unique_violation THEN NULL;
            WHEN insufficient_privilege THEN
                RAISE EXCEPTION 'the role % is missing and "%" may not create it; as administrator run the roles that '
                    'are missing of: %', v_group, current_user, v_remedy USING ERRCODE = 'insufficient_privilege';
        END;
    END LOOP;
    IF NOT pg_has_role('stillhouse_owner', 'MEMBER') THEN
        BEGIN
            EXECUTE format('GRANT stillhouse_owner TO %I', current_user);
        EXCEPTION
            WHEN duplicate_object OR unique_violation THEN NULL;
            WHEN insufficient_privilege OR invalid_grant_operation THEN
                RAISE EXCEPTION '"%" is no member of stillhouse_owner and may not become one; as administrator run: '
                    'GRANT stillhouse_owner TO %', current_user, quote_ident(current_user)
                    USING ERRCODE = 'insufficient_privilege';
        END;
    END IF;
END
$$;

-- Everything changes hands, so that functions which run with their owner's rights are no superuser's. The migrator's own
-- schema too: from here on migrations run as its owner, whichever member started them.
DO $$
DECLARE
    v_command text;
BEGIN
    FOR v_command IN
        SELECT format('ALTER SCHEMA %I OWNER TO stillhouse_owner', nspname) FROM pg_namespace
        WHERE nspname IN ('stillhouse', 'stillhouse_migration')
        UNION ALL
        SELECT format('ALTER %s %s OWNER TO stillhouse_owner', CASE relkind WHEN 'v' THEN 'VIEW' ELSE 'TABLE' END,
            oid::regclass)
        FROM pg_class
        WHERE relnamespace::regnamespace::text IN ('stillhouse', 'stillhouse_migration') AND relkind IN ('r', 'p', 'v')
        UNION ALL
        SELECT format('ALTER ROUTINE %s OWNER TO stillhouse_owner', oid::regprocedure) FROM pg_proc
        WHERE pronamespace = 'stillhouse'::regnamespace
        UNION ALL
        SELECT format('ALTER TYPE %s OWNER TO stillhouse_owner', oid::regtype) FROM pg_type
        WHERE typnamespace = 'stillhouse'::regnamespace AND typtype = 'e'
    LOOP
        EXECUTE v_command;
    END LOOP;
END
$$;

-- Quotas for logins that are no owners. Triggers rather than lines in the functions: they hold for every version of those.
ALTER TABLE stillhouse.setting
    ADD COLUMN jobs_per_login integer NOT NULL DEFAULT 64,
    ADD COLUMN sessions_per_login integer NOT NULL DEFAULT 512,
    ADD CONSTRAINT setting_quotas_are_positive CHECK (jobs_per_login > 0 AND sessions_per_login > 0);

CREATE INDEX worker_session_by_login ON stillhouse.worker_session (login, alias);

-- Leaves a job available when the login that claims it has enough of them.
CREATE FUNCTION stillhouse.job_quota() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = stillhouse, pg_temp AS $$
BEGIN
    IF pg_has_role(session_user, 'stillhouse_owner', 'MEMBER') THEN
        RETURN NEW;
    END IF;
    -- One login's claims take turns, or two at once would count the same jobs. No other login's wait for this row.
    PERFORM FROM worker_session s WHERE s.login = session_user ORDER BY s.alias LIMIT 1 FOR NO KEY UPDATE;
    IF (
        SELECT count(*) FROM job j JOIN worker_session s ON s.session = j.worker_session
        WHERE j.state = 'running' AND s.login = session_user
    ) >= (SELECT jobs_per_login FROM setting) THEN
        RETURN NULL;
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER job_quota BEFORE UPDATE ON stillhouse.job
FOR EACH ROW WHEN (NEW.state = 'running' AND OLD.state <> 'running') EXECUTE FUNCTION stillhouse.job_quota();

CREATE FUNCTION stillhouse.session_quota() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = stillhouse, pg_temp AS $$
DECLARE
    v_limit integer;
BEGIN
    IF pg_has_role(session_user, 'stillhouse_owner', 'MEMBER')
        OR EXISTS (SELECT FROM worker_session s WHERE s.session = NEW.session) THEN
        RETURN NEW;
    END IF;
    SELECT sessions_per_login INTO v_limit FROM setting;
    IF (
        SELECT count(*) FROM worker_session s
        WHERE s.login = session_user AND s.last_seen > clock_timestamp() - interval '1 hour'
    ) >= v_limit THEN
        RAISE EXCEPTION 'the login "%" has opened % sessions within an hour; sessions_per_login allows no more',
            session_user, v_limit USING ERRCODE = 'configuration_limit_exceeded';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER session_quota BEFORE INSERT ON stillhouse.worker_session
FOR EACH ROW EXECUTE FUNCTION stillhouse.session_quota();

-- A job cannot have more bad samples than samples.
CREATE FUNCTION stillhouse.bad_sample_quota() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = stillhouse, pg_temp AS $$
BEGIN
    IF EXISTS (
        SELECT FROM added a JOIN job j USING (job_id) GROUP BY j.job_id, j.n_samples HAVING count(*) > j.n_samples
    ) THEN
        RAISE EXCEPTION 'a job reports more bad samples than it has samples' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER bad_sample_quota AFTER INSERT ON stillhouse.bad_sample
REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION stillhouse.bad_sample_quota();

-- What workers say about themselves and their work has a size. Rows from before stay as they are.
ALTER TABLE stillhouse.worker_session ADD CONSTRAINT worker_session_fits CHECK (
    octet_length(host) <= 1000 AND octet_length(device) <= 1000 AND octet_length(build) <= 1000
    AND octet_length(numeric_profile) <= 1000 AND octet_length(stats::text) <= 8192
) NOT VALID;
ALTER TABLE stillhouse.gradient ADD CONSTRAINT gradient_fits CHECK (octet_length(terms::text) <= 16384) NOT VALID;
ALTER TABLE stillhouse.bad_sample ADD CONSTRAINT bad_sample_fits CHECK (
    octet_length(key) <= 4096 AND octet_length(reason) <= 4096
) NOT VALID;

-- Who holds or did a job, by the number that people know: the only way from a job to a worker without its session id.
-- The same for gradients and for samples that were left out.
CREATE VIEW stillhouse.job_worker AS
SELECT j.job_id, w.alias, j.state = 'running' AS is_held
FROM stillhouse.job j JOIN stillhouse.worker_session w ON w.session = j.worker_session;

CREATE VIEW stillhouse.gradient_worker AS
SELECT g.job_id, g.attempt, w.alias
FROM stillhouse.gradient g JOIN stillhouse.worker_session w ON w.session = g.worker_session;

CREATE VIEW stillhouse.bad_sample_worker AS
SELECT b.run_id, b.sample_id, w.alias
FROM stillhouse.bad_sample b JOIN stillhouse.worker_session w ON w.session = b.worker_session;

ALTER FUNCTION stillhouse.job_quota() OWNER TO stillhouse_owner;
ALTER FUNCTION stillhouse.session_quota() OWNER TO stillhouse_owner;
ALTER FUNCTION stillhouse.bad_sample_quota() OWNER TO stillhouse_owner;
ALTER VIEW stillhouse.job_worker OWNER TO stillhouse_owner;
ALTER VIEW stillhouse.gradient_worker OWNER TO stillhouse_owner;
ALTER VIEW stillhouse.bad_sample_worker OWNER TO stillhouse_owner;

-- Functions of later migrations are nobody's either until they are granted. A schema of its own cannot say so.
ALTER DEFAULT PRIVILEGES FOR ROLE stillhouse_owner REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;
REVOKE ALL ON ALL FUNCTIONS IN SCHEMA stillhouse FROM PUBLIC;

GRANT USAGE ON SCHEMA stillhouse, stillhouse_migration TO stillhouse_worker, stillhouse_reader;
GRANT SELECT ON stillhouse_migration.schema_migration TO stillhouse_worker, stillhouse_reader;

DO $$
DECLARE
    v_command text;
BEGIN
    FOR v_command IN
        -- Worker functions are those that take a session.
        SELECT format('GRANT EXECUTE ON ROUTINE %s TO stillhouse_worker', p.oid::regprocedure) FROM pg_proc p
        WHERE p.pronamespace = 'stillhouse'::regnamespace AND 'p_session' = ANY (p.proargnames)
        UNION ALL
        -- What a worker reads itself; none of it holds a session id.
        SELECT format('GRANT SELECT ON %s TO stillhouse_worker', c.oid::regclass) FROM pg_class c
        WHERE c.relnamespace = 'stillhouse'::regnamespace AND c.relname IN (
            'protocol', 'setting', 'run', 'run_head', 'version', 'version_chunk',
            'weights', 'weights_chunk', 'weights_chunk_unlogged'
        )
        UNION ALL
        -- A reader sees every column but session ids, the only columns of type uuid, and no gradient's payload.
        SELECT format('GRANT SELECT (%s) ON %s TO stillhouse_reader',
            string_agg(quote_ident(a.attname), ', ' ORDER BY a.attnum), c.oid::regclass)
        FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
        WHERE c.relnamespace = 'stillhouse'::regnamespace AND c.relkind IN ('r', 'p', 'v')
            AND a.attnum > 0 AND NOT a.attisdropped AND a.atttypid <> 'uuid'::regtype
            AND c.relname NOT IN ('gradient_part', 'gradient_chunk', 'gradient_chunk_unlogged')
        GROUP BY c.oid
    LOOP
        EXECUTE v_command;
    END LOOP;
END
$$;

-- Whoever may log in to the server could otherwise connect here and fill the disk with temporary tables and large objects.
-- Done as far as this login may; `migrate up` tells what is left to an administrator.
DO $$
BEGIN
    IF pg_has_role((SELECT datdba FROM pg_database WHERE datname = current_database()), 'USAGE') THEN
        EXECUTE format('GRANT CONNECT ON DATABASE %I TO stillhouse_owner, stillhouse_worker, stillhouse_reader',
            current_database());
        EXECUTE format('REVOKE CONNECT, TEMPORARY ON DATABASE %I FROM PUBLIC', current_database());
    END IF;
    IF pg_has_role((SELECT nspowner FROM pg_namespace WHERE nspname = 'public'), 'USAGE') THEN
        REVOKE CREATE ON SCHEMA public FROM PUBLIC;
    END IF;
    IF (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) THEN
        REVOKE EXECUTE ON FUNCTION
            pg_catalog.lo_creat(integer), pg_catalog.lo_create(oid), pg_catalog.lo_from_bytea(oid, bytea)
        FROM PUBLIC;
    END IF;
END
$$;
