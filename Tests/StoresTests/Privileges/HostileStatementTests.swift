import Foundation
import Postgres
import Stores
import TestSupport
import Testing

@Suite("A hostile login's statements", .temporaryDatabase(.empty))
struct HostileStatementTests {
    static let intruders: [LoginRole] = [.worker, .reader]

    @Test("writing or locking any table is refused, and so is reading what was not granted", arguments: intruders)
    func tables(role: LoginRole) async throws {
        let guarded = try await GuardedLedger()
        let intruder = try await guarded.intruder(role)
        let before = try await guarded.fingerprint()
        let relations = try await guarded.ledger.database.query(
            """
            SELECT c.relname::text AS name, format('%I.%I', c.relnamespace::regnamespace, c.relname) AS relation,
                (array_agg(quote_ident(a.attname) ORDER BY a.attnum))[1] AS first,
                coalesce(array_agg(quote_ident(a.attname)) FILTER (WHERE a.atttypid = 'uuid'::regtype), '{}') AS sessions
            FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
            WHERE c.relnamespace::regnamespace::text IN ('stillhouse', 'stillhouse_migration')
                AND c.relkind NOT IN ('i', 'S', 'c') AND a.attnum > 0 AND NOT a.attisdropped
            GROUP BY c.oid
            """
        )
        #expect(relations.count > 15)
        for row in relations {
            let relation: String = try row.decode("relation")
            let first: String = try row.decode("first")
            // A view that cannot be written at all says so instead.
            let codes: Set = ["42501", "55000", "42809"]
            for sql in [
                "INSERT INTO \(relation) DEFAULT VALUES", "UPDATE \(relation) SET \(first) = DEFAULT",
                "DELETE FROM \(relation)", "TRUNCATE \(relation)",
                "DO $$ BEGIN LOCK TABLE \(relation) IN EXCLUSIVE MODE; END $$",
                "DO $$ BEGIN DELETE FROM \(relation); END $$", "ALTER TABLE \(relation) ADD COLUMN evil int",
                "CREATE INDEX evil ON \(relation) (\(first))", "DROP TABLE \(relation) CASCADE",
                "CREATE TRIGGER evil AFTER INSERT ON \(relation) EXECUTE FUNCTION suppress_redundant_updates_trigger()",
                "COPY \(relation) FROM STDIN",
            ] {
                await GuardedLedger.expectRefusal(intruder, sql, codes)
            }
            // Whoever may read it gets a mere warning; the fingerprint holds the grants.
            _ = try? await intruder.execute("GRANT ALL ON \(unescaped: relation) TO CURRENT_USER")
            for session in try row.decode("sessions", as: [String].self) {
                await GuardedLedger.expectRefusal(intruder, "SELECT \(session) FROM \(relation)")
                await GuardedLedger.expectRefusal(intruder, "SELECT t::text FROM \(relation) t")
                await GuardedLedger.expectRefusal(intruder, "SELECT count(*) FROM \(relation) WHERE \(session) IS NULL")
                await GuardedLedger.expectRefusal(intruder, "SELECT 1 FROM \(relation) ORDER BY \(session)")
            }
            if case .nothing? = PrivilegeDecisions.access(try row.decode("name"), role) {
                await GuardedLedger.expectRefusal(intruder, "SELECT count(*) FROM \(relation)")
            }
        }
        #expect(try await guarded.fingerprint() == before)
    }

    @Test("becoming somebody else, making things and leaving the database are refused", arguments: intruders)
    func escapes(role: LoginRole) async throws {
        let guarded = try await GuardedLedger()
        let intruder = try await guarded.intruder(role)
        let before = try await guarded.fingerprint()
        for sql in [
            "SET ROLE stillhouse_owner", "SET SESSION AUTHORIZATION stillhouse",
            "GRANT stillhouse_owner TO CURRENT_USER",
            "CREATE ROLE evil", "ALTER ROLE CURRENT_USER SUPERUSER", "ALTER ROLE CURRENT_USER CONNECTION LIMIT 1000",
            "ALTER ROLE stillhouse_owner LOGIN", "CREATE DATABASE evil", "CREATE SCHEMA evil",
            "CREATE TABLE public.evil ()", "CREATE TABLE stillhouse.evil ()",
            "CREATE TABLE stillhouse_migration.evil ()",
            "CREATE TEMP TABLE evil ()", "CREATE TEMP SEQUENCE evil", "CREATE VIEW public.evil AS SELECT 1",
            "CREATE FUNCTION public.evil() RETURNS int LANGUAGE sql AS 'SELECT 1'",
            "CREATE FUNCTION pg_temp.evil() RETURNS int LANGUAGE sql AS 'SELECT 1'",
            "CREATE FUNCTION stillhouse.clock_timestamp() RETURNS timestamptz LANGUAGE sql AS 'SELECT now()'",
            "CREATE TYPE public.evil AS ENUM ()",
            "CREATE OPERATOR public.=== (LEFTARG = int, RIGHTARG = int, FUNCTION = int4eq)",
            "SELECT lo_creat(-1)", "SELECT lo_create(0)", "SELECT lo_from_bytea(0, 'evil')",
            "SELECT lo_import('/etc/passwd')",
            "COPY (SELECT 1) TO PROGRAM 'true'", "COPY (SELECT 1) TO '/tmp/evil'", "SELECT pg_read_file('/etc/passwd')",
            "SELECT pg_ls_dir('.')", "SELECT rolpassword FROM pg_authid", "ALTER SYSTEM SET fsync = off",
            "SELECT pg_reload_conf()", "SET log_statement = 'none'", "SET session_replication_role = replica",
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'stillhouse'",
            "ALTER FUNCTION stillhouse.job_claim_v1(uuid, integer) SECURITY INVOKER",
            "ALTER FUNCTION stillhouse.job_claim_v1(uuid, integer) SET search_path = public",
            "ALTER DATABASE \"\(try TemporaryDatabase.current.configuration.database)\" SET search_path = public",
            "DO $$ BEGIN EXECUTE 'DROP SCHEMA stillhouse CASCADE'; END $$",
            "DO LANGUAGE plpgsql $$ BEGIN PERFORM session FROM stillhouse.worker_session; END $$",
        ] {
            await GuardedLedger.expectRefusal(intruder, sql)
        }
        #expect(try await guarded.fingerprint() == before)
    }

    @Test("a reader may call none of our functions, a worker none that takes no session", arguments: intruders)
    func calls(role: LoginRole) async throws {
        let guarded = try await GuardedLedger()
        let intruder = try await guarded.intruder(role)
        let before = try await guarded.fingerprint()
        let rows = try await guarded.ledger.database.query(
            """
            SELECT 'stillhouse.' || proname || '('
                || array_to_string(array_fill('NULL'::text, ARRAY[pronargs::int]), ', ') || ')' AS call
            FROM pg_proc
            WHERE pronamespace = 'stillhouse'::regnamespace
                AND (\(role == .reader) OR NOT coalesce('p_session' = ANY (proargnames), false))
            """
        )
        #expect(rows.count >= PrivilegeDecisions.internalFunctions.count)
        for row in rows {
            // A trigger function is refused for what it is before anybody looks at grants.
            let call: String = try row.decode("call")
            await GuardedLedger.expectRefusal(intruder, "SELECT \(call)", ["42501", "0A000"])
        }
        #expect(try await guarded.fingerprint() == before)
    }

    @Test("the activity view shows nobody's token", arguments: intruders)
    func activity(role: LoginRole) async throws {
        let guarded = try await GuardedLedger()
        _ = try await WorkerStore(guarded.victim).beat(
            guarded.session,
            Beat(held: [guarded.job.token], number: 0, isDraining: false, statistics: [:])
        )
        let intruder = try await guarded.intruder(role)
        let rows = try await intruder.query(
            "SELECT coalesce(string_agg(a::text, ''), '') AS text FROM pg_stat_activity a"
        )
        let text: String = try #require(rows.first).decode("text")
        #expect(!text.lowercased().contains(guarded.session.rawValue.uuidString.lowercased()))
        #expect(!text.contains("session_beat_v1"))
    }
}
