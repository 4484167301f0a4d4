-- The roles stay, as other databases of the server may use them, and so does what the database refuses to PUBLIC: opening
-- it again is no step back that anybody wants by surprise.

-- The owners' group cannot give its things away; the login that migrates can.
SET LOCAL ROLE NONE;

REVOKE ALL ON ALL TABLES IN SCHEMA stillhouse FROM stillhouse_worker, stillhouse_reader;
REVOKE ALL ON ALL FUNCTIONS IN SCHEMA stillhouse FROM stillhouse_worker, stillhouse_reader;
REVOKE ALL ON SCHEMA stillhouse, stillhouse_migration FROM stillhouse_worker, stillhouse_reader;
REVOKE ALL ON stillhouse_migration.schema_migration FROM stillhouse_worker, stillhouse_reader;
ALTER DEFAULT PRIVILEGES FOR ROLE stillhouse_owner GRANT EXECUTE ON FUNCTIONS TO PUBLIC;

DROP VIEW stillhouse.bad_sample_worker;
DROP VIEW stillhouse.gradient_worker;
DROP VIEW stillhouse.job_worker;
ALTER TABLE stillhouse.bad_sample DROP CONSTRAINT bad_sample_fits;
ALTER TABLE stillhouse.gradient DROP CONSTRAINT gradient_fits;
ALTER TABLE stillhouse.worker_session DROP CONSTRAINT worker_session_fits;
DROP TRIGGER bad_sample_quota ON stillhouse.bad_sample;
DROP TRIGGER session_quota ON stillhouse.worker_session;
DROP TRIGGER job_quota ON stillhouse.job;
DROP FUNCTION stillhouse.bad_sample_quota();
DROP FUNCTION stillhouse.session_quota();
DROP FUNCTION stillhouse.job_quota();
DROP INDEX stillhouse.worker_session_by_login;
ALTER TABLE stillhouse.setting
    DROP CONSTRAINT setting_quotas_are_positive, DROP COLUMN sessions_per_login, DROP COLUMN jobs_per_login;

DO $$
DECLARE
    v_command text;
BEGIN
    FOR v_command IN
        SELECT format('ALTER SCHEMA %I OWNER TO %I', nspname, session_user) FROM pg_namespace
        WHERE nspname IN ('stillhouse', 'stillhouse_migration')
        UNION ALL
        SELECT format('ALTER %s %s OWNER TO %I', CASE relkind WHEN 'v' THEN 'VIEW' ELSE 'TABLE' END, oid::regclass,
            session_user)
        FROM pg_class
        WHERE relnamespace::regnamespace::text IN ('stillhouse', 'stillhouse_migration') AND relkind IN ('r', 'p', 'v')
        UNION ALL
        SELECT format('ALTER ROUTINE %s OWNER TO %I', oid::regprocedure, session_user) FROM pg_proc
        WHERE pronamespace = 'stillhouse'::regnamespace
        UNION ALL
        SELECT format('ALTER TYPE %s OWNER TO %I', oid::regtype, session_user) FROM pg_type
        WHERE typnamespace = 'stillhouse'::regnamespace AND typtype = 'e'
    LOOP
        EXECUTE v_command;
    END LOOP;
END
$$;
