import Postgres
import Stores
import Testing

/// What rows read from the database to prove their fault, and what they do to its sessions.
extension FaultScene {
    /// Attempts of this run that a worker has submitted.
    func submissions() async throws -> Int { try await fleet.attempts(of: run, ended: "submitted") }

    /// Times that jobs of this run were taken from a worker.
    func rescues() async throws -> Int {
        try await number("SELECT coalesce(sum(rescues), 0)::bigint AS n FROM stillhouse.job WHERE run_id = \(run.id)")
    }

    /// Errors charged to jobs of this run.
    func errors() async throws -> Int {
        try await number("SELECT coalesce(sum(errors), 0)::bigint AS n FROM stillhouse.job WHERE run_id = \(run.id)")
    }

    func versions(in state: String) async throws -> Int {
        try await number(
            "SELECT count(*) AS n FROM stillhouse.version WHERE run_id = \(run.id) AND state::text = \(state)"
        )
    }

    /// Pairs of neighbouring jobs of one step of which the later was submitted first.
    func inversions() async throws -> Int {
        try await number(
            """
            SELECT count(*) AS n FROM stillhouse.job a JOIN stillhouse.job b
                ON (b.run_id, b.step, b.kind, b.ordinal) = (a.run_id, a.step, a.kind, a.ordinal + 1)
            WHERE a.run_id = \(run.id) AND a.finished_at > b.finished_at
            """
        )
    }

    /// Parts of the jobs that workers hold now: how many are stored, and how many a whole gradient has.
    func storedParts() async throws -> (stored: Int, needed: Int) {
        let stored = try await number(
            """
            SELECT count(*) AS n FROM stillhouse.job j JOIN stillhouse.gradient_part c USING (job_id, attempt)
            WHERE j.run_id = \(run.id) AND j.state = 'running'
            """
        )
        let needed = try await number(
            "SELECT ((parameter_count + 262143) / 262144)::bigint AS n FROM stillhouse.run WHERE run_id = \(run.id)"
        )
        return (stored, needed)
    }

    /// Ends every session on this database but ours.
    /// - Parameter filter: of the sessions' last statements, as LIKE has it.
    /// - Returns: how many that were.
    func terminateSessions(like filter: String = "%") async throws -> Int {
        try await number(
            """
            SELECT count(*) FILTER (WHERE pg_terminate_backend(pid)) AS n FROM pg_stat_activity
            WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'
                AND query LIKE \(filter)
            """
        )
    }

    /// Sessions on this database whose last statement looks like this.
    func sessions(like filter: String) async throws -> Int {
        try await number(
            """
            SELECT count(*) AS n FROM pg_stat_activity
            WHERE datname = current_database() AND pid <> pg_backend_pid() AND query LIKE \(filter)
            """
        )
    }

    func number(_ query: Query) async throws -> Int {
        try #require(try await fleet.database.query(query, retry: .idempotent).first).decode("n")
    }
}
