package import Postgres

/// Sessions of workers: who may claim, who is alive, who shall stop.
package struct WorkerStore: Sendable {
    /// What the SQL functions called here speak; the database says from which on it accepts.
    package static let protocolNumber = 1

    private let database: Database

    package init(_ database: Database) { self.database = database }

    /// Joins a run. Safe to repeat with the same session after a lost reply.
    ///
    /// - Parameter digests: computed by the worker itself from what it read, not copied from the run.
    /// - Returns: the number that people know the worker by.
    /// - Throws: `StoreError.sessionRefused` when recipe, layout, dataset or protocol differ, or the run is over.
    package func open(
        _ session: SessionID,
        for run: RunID,
        as worker: WorkerDescription,
        digests: RunDigests
    ) async throws -> Int64 {
        let rows = try await database.query(
            """
            SELECT * FROM stillhouse.session_open_v1(
                \(session), \(run), \(worker.host), \(worker.device), \(worker.build), \(worker.numericProfile),
                \(Self.protocolNumber)::integer, \(digests.recipe), \(digests.layout), \(digests.dataset)
            )
            """,
            retry: .idempotent
        )
        guard let row = rows.first else { throw StoreError.sessionRefused(.sessionTaken) }
        let outcome: String = try row.decode("outcome")
        if outcome == "ok" { return try row.decode("alias") }
        throw StoreError.sessionRefused(try Self.refusal(outcome, run: run, row))
    }

    /// Says that the session lives and which jobs it holds; call it every `Settings.beatInterval`, from a connection
    /// of its own.
    ///
    /// - Parameter timeLimit: how long to wait for the reply; a late one is worth nothing.
    /// - Returns: nil when the session is unknown or closed; open another.
    package func beat(
        _ session: SessionID,
        _ beat: Beat,
        timeLimit: Duration? = nil
    ) async throws(PostgresError) -> BeatReply? {
        let rows = try await database.query(
            """
            SELECT * FROM stillhouse.session_beat_v1(
                \(session), \(beat.held.map(\.job.rawValue)), \(beat.held.map { Int32($0.attempt) }),
                \(beat.number)::integer, \(beat.isDraining), \(JSON(beat.statistics))
            )
            """,
            timeLimit: timeLimit
        )
        guard let row = rows.first else { return nil }
        return try BeatReply(row, session: session)
    }

    /// Ends the session and gives back, without charge, what it still holds.
    /// - Returns: false when there was nothing to close.
    @discardableResult
    package func close(_ session: SessionID, exitCode: Int) async throws(PostgresError) -> Bool {
        let rows = try await database.query(
            "SELECT stillhouse.session_close_v1(\(session), \(exitCode)::integer) AS closed",
            retry: .idempotent
        )
        return try rows.first?.decode("closed") ?? false
    }

    /// Open sessions, the oldest first; those silent for more than an hour are left out.
    package func list(of run: RunID? = nil) async throws(PostgresError) -> [Worker] {
        try await database.query(
            """
            SELECT w.alias, w.run_id, w.host, w.device, w.build, w.numeric_profile, w.state, w.last_seen, w.number,
                w.stats, w.started_at,
                w.last_seen < clock_timestamp() - make_interval(secs => s.session_ttl_s) AS is_lost,
                (SELECT count(*) FROM stillhouse.job_worker j WHERE j.alias = w.alias AND j.is_held) AS n_held,
                (
                    SELECT count(*) FROM stillhouse.gradient_worker g JOIN stillhouse.gradient USING (job_id, attempt)
                    WHERE g.alias = w.alias AND gradient.state = 'rejected'
                ) AS n_rejected
            FROM stillhouse.worker_session w, stillhouse.setting s
            WHERE w.ended_at IS NULL AND w.last_seen > clock_timestamp() - interval '1 hour'
                AND (\(run)::bigint IS NULL OR w.run_id = \(run))
            ORDER BY w.alias
            """
        ).map { row throws(PostgresError) in try Worker(row) }
    }

    /// Asks workers to finish what they hold and leave; each learns it with its next beat.
    /// - Parameter alias: nil for all of the run, or of every run.
    /// - Returns: how many were asked.
    @discardableResult
    package func drain(alias: Int64? = nil, of run: RunID? = nil) async throws(PostgresError) -> Int {
        try await database.execute(
            """
            UPDATE stillhouse.worker_session SET state = 'draining'
            WHERE state = 'active' AND (\(alias)::bigint IS NULL OR alias = \(alias))
                AND (\(run)::bigint IS NULL OR run_id = \(run))
            """
        )
    }

    private static func refusal(_ outcome: String, run: RunID, _ row: Row) throws(PostgresError) -> SessionRefusal {
        switch outcome {
        case "protocol":
            .protocolVersion(
                own: protocolNumber,
                minimum: try row.decode("minimum_protocol"),
                current: try row.decode("current_protocol")
            )
        case "run": .run(run)
        case "recipe": .recipeDiffers
        case "layout": .layoutDiffers
        case "dataset": .datasetDiffers
        case "connections": .connectionsExhausted
        case "session": .sessionTaken
        default: .other(outcome)
        }
    }
}
